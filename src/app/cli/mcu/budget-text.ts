/** @file A budget in words: lines for people, and the refusal of what does not fit. */

import { cores } from "../../../distill/boards/index-node.ts";
import { ExportError } from "../../../errors/index.ts";
import { showPercent } from "../event-text.ts";
import type { Budget, Figure } from "./budget.ts";
import type { LayerCost } from "./layer-costs.ts";
import type { NarrowerStudent } from "./narrower-student.ts";
import { installCommand } from "./toolchain.ts";
import type { Offer, OfferOutcome } from "./train-narrower-student.ts";

export function showKiB(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

export function fitsBoard({ flashFreeBytes, ramFreeBytes }: Budget): boolean {
  return flashFreeBytes >= 0 && ramFreeBytes >= 0;
}

const said = (figure: Figure, how: string): string =>
  figure.isMeasured ? how : "an estimate: nothing was measured";

/** @returns what is printed for a board, whether it fits or not */
export function budgetLines(budget: Budget): readonly string[] {
  const { board, reserve, flash, arenaBytes, dataBytes, stack, instructions } = budget;
  const { title, cyclesPerInstruction } = cores[board.core];
  const reserved = (bytes: number): string => (bytes > 0 ? `, ${showKiB(bytes)} reserved` : "");
  const ram = arenaBytes + dataBytes + stack.value;
  const [low, high] = budget.milliseconds.map((ms) => ms.toPrecision(2));
  return [
    `${board.name}: ${board.title}, ${board.chip}, ${title} at ${board.clockMHz} MHz`,
    `  flash  ${showKiB(flash.value)} of ${showKiB(board.flashKiB * 1024)}${reserved(reserve.flashBytes)}: start-up and model (${said(flash, "linked, -O2")})`,
    `  RAM    ${showKiB(ram)} of ${showKiB(board.ramKiB * 1024)}${reserved(reserve.ramBytes)}: arena ${showKiB(arenaBytes)}, other data ${dataBytes} bytes,`,
    `         stack ${stack.value} bytes (${said(stack, `measured high-water mark, emulated ${title}`)})`,
    `  work   ${instructions.value.toLocaleString("en")} instructions (${said(instructions, `emulated ${title}, the worst sample`)})`,
    `         about ${low} to ${high} ms, an estimate: ${cyclesPerInstruction.join(" to ")} cycles an instruction`,
    ...energyLine(budget),
    ...missingLine(budget),
  ];
}

function energyLine({ board, microjoules }: Budget): readonly string[] {
  if (microjoules === undefined || board.active === undefined) return [];
  const { milliwatts, source } = board.active;
  const [low, high] = microjoules.map((energy) => Number(energy.toPrecision(2)));
  return [
    `         about ${low} to ${high} µJ, an estimate: ${milliwatts.join(" to ")} mW while it computes (${source})`,
  ];
}

function missingLine({ missing, toInstall }: Budget): readonly string[] {
  if (missing.length === 0) return [];
  const how = toInstall.length > 0 ? `; to measure: ${installCommand(toInstall)}` : "";
  return [`         not measured for want of ${missing.join(", ")}${how}`];
}

const shownLayers = 8;

/** @returns a table of the layers that cost most of what there is too little of */
export function layerLines(costs: readonly LayerCost[], by: "flash" | "RAM"): readonly string[] {
  const key = ({ flashBytes, ramBytes }: LayerCost): number =>
    by === "flash" ? flashBytes : ramBytes;
  const shown = costs.toSorted((a, b) => key(b) - key(a)).slice(0, shownLayers);
  const width = Math.max(5, ...shown.map(({ name }) => name.length));
  const rest = costs.length - shown.length;
  return [
    `${"layer".padEnd(width)}  kind              flash        RAM        MACs`,
    ...shown.map(({ name, kind, flashBytes, ramBytes, macs }) =>
      [
        name.padEnd(width),
        ` ${kind.padEnd(15)}`,
        showKiB(flashBytes).padStart(10),
        showKiB(ramBytes).padStart(10),
        macs.toLocaleString("en").padStart(11),
      ].join(" "),
    ),
    ...(rest > 0 ? [`and ${rest} layers that cost less ${by}`] : []),
  ];
}

/** The error for a network that does not fit. */
export function overBudget(
  budget: Budget,
  costs: readonly LayerCost[],
  narrower: NarrowerStudent | undefined,
  offer?: OfferOutcome | undefined,
): ExportError {
  const { board, flashFreeBytes, ramFreeBytes } = budget;
  const short = [
    ...(flashFreeBytes < 0 ? [`${showKiB(-flashFreeBytes)} of flash`] : []),
    ...(ramFreeBytes < 0 ? [`${showKiB(-ramFreeBytes)} of RAM`] : []),
  ];
  const key = flashFreeBytes < 0 ? "flashBytes" : "ramBytes";
  const most = costs.toSorted((a, b) => b[key] - a[key]).slice(0, 3);
  const names = most.map((cost) => `${cost.name} (${showKiB(cost[key])})`).join(", ");
  return new ExportError("export/over-budget", {
    where: `potstill export --board ${board.name}`,
    rule: "the network and what is reserved must fit",
    got: `${short.join(" and ")} too much, most of it in ${names}`,
    fix: narrower === undefined ? withoutStudent : studentText(narrower, offer),
    details: {
      ...{ board: board.name, flashFreeBytes, ramFreeBytes },
      ...(narrower && { narrower: { ...narrower, ...(offer && { offer }) } }),
    },
  });
}

const withoutStudent =
  "No narrower student of this family is known to fit; take another family, smaller inputs, another board, or reserve less";

function studentText(student: NarrowerStudent, offer: OfferOutcome | undefined): string {
  const { overrides, constantBytes, arenaBytes, macs } = student;
  const sizes = `tables ${showKiB(constantBytes)}, arena ${showKiB(arenaBytes)}, ${macs.toLocaleString("en")} MACs`;
  const unknown = "its accuracy is not known before it is trained";
  const worth =
    offer === undefined
      ? unknown
      : "why" in offer
        ? `${unknown}, and was not measured here: ${offer.why.replace(/\.$/, "")}`
        : worthText(offer);
  return `Distil a narrower student: ${overrides.join(" ")} fits by the planner (${sizes}; ${worth}). Or take another board, or reserve less`;
}

function worthText(offer: Offer): string {
  const { validationAccuracy, int8Accuracy, epochs, trainSamples, validationSamples } = offer;
  const trained = `trained here for ${epochs} epochs, ${offer.seconds.toFixed(1)} s, on ${trainSamples} samples`;
  return `${trained}, it has a validation accuracy of ${showPercent(validationAccuracy)}, ${showPercent(int8Accuracy)} in int8, on ${validationSamples} others, and is saved as ${offer.file}`;
}
