/** @file One arena for all tensors: each gets an offset, those that never live together share. */

/** A block of bytes that is needed from step `first` to step `last`, both included. */
export interface Block {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * A layer's output may overlap its dying input if it starts at least `distance` bytes before it:
 * what is written then never reaches what is still to be read.
 */
export interface Overlap {
  readonly input: number;
  readonly output: number;
  readonly distance: number;
}

export interface ArenaPlan {
  /** one per block, multiples of 4 */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** Places blocks one by one at the lowest free offset, in several orders; the best plan stays. */
export function planArena(blocks: readonly Block[], overlaps: readonly Overlap[]): ArenaPlan {
  const indices = blocks.map((_, index) => index);
  const by = (key: (block: Block) => number): number[] =>
    indices.toSorted((a, b) => key(blocks[b]!) - key(blocks[a]!));
  const orders = [
    by(({ bytes }) => bytes),
    by(({ first }) => -first),
    by(({ last }) => last),
    by(({ first, last }) => last - first),
    ...shuffles(
      by(({ bytes }) => bytes),
      64,
    ),
  ];
  return orders
    .map((order) => place(order, blocks, overlaps))
    .reduce((best, plan) => (plan.bytes < best.bytes ? plan : best));
}

/** Neighbours in the order swapped by a fixed sequence: the same input gives the same plan. */
function shuffles(order: readonly number[], count: number): number[][] {
  let state = 1;
  const next = (below: number): number => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  return Array.from({ length: order.length > 1 ? count : 0 }, () => {
    const copy = [...order];
    for (let swap = 0; swap < 3; swap++) {
      const at = next(copy.length - 1);
      [copy[at], copy[at + 1]] = [copy[at + 1]!, copy[at]!];
    }
    return copy;
  });
}

function place(
  order: readonly number[],
  blocks: readonly Block[],
  overlaps: readonly Overlap[],
): ArenaPlan {
  const offsets = new Map<number, number>();
  for (const index of order) {
    const rivals = [...offsets.keys()].filter((other) => meet(blocks[index]!, blocks[other]!));
    const candidates = rivals.flatMap((other) => {
      const at = offsets.get(other)!; // its own key
      const relation = relationOf(index, other, overlaps);
      const shared =
        relation === undefined
          ? []
          : [relation.output === index ? at - relation.distance : at + relation.distance];
      return [at + blocks[other]!.bytes, ...shared];
    });
    const fits = (offset: number): boolean =>
      rivals.every((other) =>
        apart(index, offset, other, offsets.get(other)!, { blocks, overlaps }),
      );
    const offset = [0, ...candidates]
      .flatMap((at) => (at < 0 ? [] : [aligned(at), Math.floor(at / 4) * 4]))
      .toSorted((a, b) => a - b)
      .find(fits);
    offsets.set(index, offset!); // behind the last rival there is always room
  }
  const ends = blocks.map(({ bytes }, index) => offsets.get(index)! + bytes);
  return {
    offsets: blocks.map((_, index) => offsets.get(index)!),
    bytes: aligned(Math.max(0, ...ends)),
  };
}

const meet = (a: Block, b: Block): boolean => a.first <= b.last && b.first <= a.last;

function relationOf(a: number, b: number, overlaps: readonly Overlap[]): Overlap | undefined {
  return overlaps.find(
    ({ input, output }) => (input === a && output === b) || (input === b && output === a),
  );
}

/** @returns whether two blocks that live together may have these offsets */
function apart(
  a: number,
  offsetA: number,
  b: number,
  offsetB: number,
  {
    blocks,
    overlaps,
  }: { readonly blocks: readonly Block[]; readonly overlaps: readonly Overlap[] },
): boolean {
  if (offsetA + blocks[a]!.bytes <= offsetB || offsetB + blocks[b]!.bytes <= offsetA) return true;
  const relation = relationOf(a, b, overlaps);
  if (relation === undefined) return false;
  const [output, input] = relation.output === a ? [offsetA, offsetB] : [offsetB, offsetA];
  return output + relation.distance <= input;
}
