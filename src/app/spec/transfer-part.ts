/** @file The samples that a recipe's `transfer` leaves to the students. */

import { type Dataset, subset, UNLABELLED } from "../../data/index.ts";
import { promisedSamples } from "../../distill/index.ts";
import { ConfigError, DataError, unknownName } from "../../errors/index.ts";
import { evenOrder } from "./even-order.ts";
import type { TransferRecipe } from "./transfer-schema.ts";

export interface TransferPart {
  readonly train: Dataset;
  /** class indices of which there is no sample in `train`, withheld or never there */
  readonly withheld: readonly number[];
}

/**
 * @param whole the training part; @param labels its true classes, where `whole` does not show all
 * @param seed of the choice of a fraction
 * @throws ConfigError "config/unknown-name", "config/conflict"; DataError "data/transfer"; as
 *   promisedSamples
 */
export function transferPart(
  whole: Dataset,
  labels: Int32Array,
  transfer: TransferRecipe,
  seed: number,
): TransferPart {
  if (transfer.generated !== undefined) {
    assertAlone(transfer);
    return { train: promisedSamples(whole, transfer.generated), withheld: [] };
  }
  const withheld = withheldClasses(whole, transfer);
  const { fraction } = transfer;
  if (withheld.length === 0 && fraction === undefined)
    return { train: whole, withheld: absent(whole, labels) };
  if (labels.includes(UNLABELLED))
    throw new DataError("data/transfer", {
      where: "transfer",
      rule: "samples can be chosen by class only where every class is known",
      got: `${whole.name} with samples without label`,
      fix: "Leave withoutClasses, onlyClasses and fraction out, or give all labels and no data.transfer",
    });
  const left = [...labels.keys()].filter((at) => !withheld.includes(labels[at]!));
  const chosen = fractionOf(left, labels, fraction, seed);
  if (chosen.length === 0)
    throw new DataError("data/transfer", {
      where: "transfer",
      rule: "the students need samples",
      got: `none of ${whole.length}`,
      fix: "Withhold fewer classes, or ask for a larger fraction",
    });
  const isWhole = chosen.length === whole.length;
  const train = isWhole ? whole : subset(whole, chosen, `${whole.name}/transfer`);
  const gone = new Set([...withheld, ...absent(whole, labels)]);
  return { train, withheld: [...gone].sort((a, b) => a - b) };
}

/** @returns classes that had no sample to begin with; none where some sample's is not known */
function absent({ classNames }: Dataset, labels: Int32Array): readonly number[] {
  if (labels.includes(UNLABELLED)) return [];
  const seen = new Set(labels);
  return [...classNames.keys()].filter((label) => !seen.has(label));
}

/**
 * Generated samples have no class that could be chosen or kept, and none of the data join them.
 *
 * @throws ConfigError "config/conflict"
 */
export function assertAlone(transfer: TransferRecipe, data?: object): void {
  if (transfer.generated === undefined) return;
  const others = ["withoutClasses", "onlyClasses", "fraction", "labels", "paper"] as const;
  const given: string[] = others.filter((name) => transfer[name] !== undefined);
  if (data !== undefined && "transfer" in data) given.push("data.transfer");
  if (given.length === 0) return;
  throw new ConfigError("config/conflict", {
    where: "transfer.generated",
    rule: "the students see generated samples in place of the training part's",
    got: `${given.join(", ")} beside them`,
    fix: "Leave one or the other out",
  });
}

function fractionOf(
  left: readonly number[],
  labels: Int32Array,
  fraction: number | undefined,
  seed: number,
): readonly number[] {
  if (fraction === undefined) return left;
  const order = evenOrder(left, labels, [seed, "transfer"]);
  return order.slice(0, Math.round(fraction * left.length)).sort((a, b) => a - b);
}

function withheldClasses({ classNames }: Dataset, transfer: TransferRecipe): readonly number[] {
  const { withoutClasses, onlyClasses } = transfer;
  if (withoutClasses !== undefined && onlyClasses !== undefined)
    throw new ConfigError("config/conflict", {
      where: "transfer",
      rule: "withoutClasses and onlyClasses say the same in two ways",
      got: "both",
      fix: "Leave one of them out",
    });
  const named = (withoutClasses ?? onlyClasses ?? []).map((given) => {
    const name = String(given);
    const index = classNames.indexOf(name);
    if (index < 0) throw unknownName("transfer", "class", name, classNames);
    return index;
  });
  if (onlyClasses === undefined) return [...new Set(named)].sort((a, b) => a - b);
  return [...classNames.keys()].filter((index) => !named.includes(index));
}
