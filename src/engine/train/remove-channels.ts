/** @file Channels and units that do nothing taken out of a network, for good. */

import {
  buildNetwork,
  type ChannelGroup,
  channelGroups,
  type NetworkSpec,
  withChannels,
} from "../nn/index.ts";
import { elementCount, type Shape, type Tensor, tensor } from "../tensor/index.ts";

/** A network's architecture with its weights: of a model what matters here. */
interface TrainedNetwork {
  readonly spec: NetworkSpec;
  readonly sample: { readonly shape: Shape };
  readonly classNames: readonly string[];
  /** parameters and statistics by name, float32 */
  readonly weights: ReadonlyMap<string, Tensor>;
}

/**
 * The same function with fewer channels: those whose makers (kernels, biases, normalisation, in all
 * branches of a sum) are zero go, together with what reads them in the next layers. A group of
 * channels keeps at least one.
 *
 *   y[o] = Σ_c reader[o, c] · x[c]  with x[c] = 0 for every channel that goes
 *
 * @param model of a family with channel groups, whose activation maps 0 to 0
 * @returns a model whose spec names the channels that are left; other families as they are
 */
export function withoutDeadChannels<M extends TrainedNetwork>(model: M): M {
  const { spec: given, sample, classNames } = model;
  const network = buildNetwork(given, sample.shape, classNames.length);
  const groups = channelGroups(model.spec, network);
  if (groups.length === 0) return model;
  const roles = new Map(network.parameters.map(({ name, role }) => [name, role]));
  const kept = new Map(
    groups.map((group) => [
      group.name,
      aliveChannels(
        group,
        group.makers
          .filter(({ name }) => roles.get(name) !== "statistic")
          .map(({ name, axis }) => slicesOf(model.weights.get(name)!, axis)), // the family's own
      ),
    ]),
  );
  const spec = smallerSpec(model, groups, kept);
  const weights = new Map(model.weights);
  const take = (name: string, axis: number, channels: readonly number[], repeat: number): void =>
    void weights.set(name, taken(weights.get(name)!, axis, channels, repeat));
  for (const { name, makers, readers } of groups) {
    const channels = kept.get(name)!; // every group has its list
    for (const maker of makers) take(maker.name, maker.axis, channels, 1);
    for (const { name: reader, axis, repeat } of readers) take(reader, axis, channels, repeat);
  }
  return { ...model, spec, weights };
}

/** @returns for each index along an axis whether anything there is not zero */
function slicesOf({ data, shape }: Tensor, axis: number): readonly boolean[] {
  const inner = elementCount(shape.slice(axis + 1));
  const count = shape[axis]!;
  const isUsed = new Array<boolean>(count).fill(false);
  for (let at = 0; at < data.length; at++)
    if (Number(data[at]) !== 0) isUsed[Math.floor(at / inner) % count] = true;
  return isUsed;
}

function aliveChannels(
  { count }: ChannelGroup,
  makers: readonly (readonly boolean[])[],
): readonly number[] {
  const all = Array.from({ length: count }, (_, channel) => channel);
  const alive = all.filter((channel) => makers.some((isUsed) => isUsed[channel]));
  return alive.length === 0 ? [0] : alive;
}

/**
 * The spec of what is left. A family may build a network of other parameters where two numbers of
 * channels happen to be equal (a tcn then adds to the input itself); there one dead channel stays.
 */
function smallerSpec(
  model: TrainedNetwork,
  groups: readonly ChannelGroup[],
  kept: Map<string, readonly number[]>,
): NetworkSpec {
  const wanted = [...model.weights.keys()].toSorted().join();
  for (;;) {
    const counts = new Map(groups.map(({ name }) => [name, kept.get(name)!.length]));
    const spec = withChannels(model.spec, counts);
    const { parameters } = buildNetwork(spec, model.sample.shape, model.classNames.length);
    const names = parameters.map(({ name }) => name);
    if (names.toSorted().join() === wanted) return spec;
    const lost = [...model.weights.keys()].find((name) => !names.includes(name));
    const group = groups.find(({ makers }) => makers.some(({ name }) => name === lost));
    if (group === undefined) return spec;
    const alive = kept.get(group.name)!;
    const spare = Array.from({ length: group.count }, (_, at) => at).find(
      (channel) => !alive.includes(channel),
    );
    if (spare === undefined) return spec;
    kept.set(
      group.name,
      [...alive, spare].toSorted((a, b) => a - b),
    );
  }
}

/** @returns the tensor with some channels of an axis, each of `repeat` elements in a row */
function taken(source: Tensor, axis: number, channels: readonly number[], repeat: number): Tensor {
  const { data, shape } = source;
  const inner = elementCount(shape.slice(axis + 1)) * repeat;
  const [outer, count] = [elementCount(shape.slice(0, axis)), shape[axis]! / repeat];
  const result = new Float32Array(outer * channels.length * inner);
  for (let at = 0; at < outer; at++)
    for (const [to, from] of channels.entries())
      for (let offset = 0; offset < inner; offset++)
        result[(at * channels.length + to) * inner + offset] = Number(
          data[(at * count + from) * inner + offset],
        );
  const smaller = shape.map((size, at) => (at === axis ? channels.length * repeat : size));
  return tensor("float32", smaller, result);
}
