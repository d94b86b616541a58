/** @file Students that saw part of what their teacher saw, beside the paper's figures. */

import { decimal, percent, span, whole } from "../numbers.ts";
import { paperSources } from "../paper-figures.ts";
import type { Report } from "../report.ts";
import type { TransferReport, TransferSystemReport } from "../transfer-report.ts";
import { html, type Markup } from "./markup.ts";
import { type Column, table } from "./table.ts";

/** @returns null where the students saw everything */
export function transferSection({ transfer }: Report): Markup | null {
  if (transfer === null) return null;
  const hasWithheld = transfer.withheld.length > 0;
  const hasPaper = transfer.paper !== null;
  const columns: readonly Column[] = [
    { head: "Student", kind: "text" },
    ...["Samples", "Training accuracy", "Test accuracy", "95 % interval", "Errors"].map((head) => ({
      head,
    })),
    ...(hasWithheld ? [{ head: "Withheld classes" }, { head: "Bias" }] : []),
    { head: "Validation: kept" },
    { head: "last epoch" },
    ...(hasPaper ? [{ head: "The paper" }] : []),
    ...(hasPaper && hasWithheld ? [{ head: "its withheld" }] : []),
  ];
  const rows = transfer.systems.map((system) => ({
    mark: system.system === "distilled",
    cells: cellsOf(system, { hasWithheld, hasPaper }),
  }));
  const words = transfer.systems.flatMap((system) =>
    system.paper === null ? [] : [`${systemName(system)}: ${system.paper.note}`],
  );
  const inWords =
    words.length === 0
      ? null
      : html`<p class="quiet">The paper’s own words: ${words.join("; ")}.</p>`;
  return html`<p>${sentence(transfer)}</p>${table("Test split, mean over seeds", columns, rows)}${inWords}`;
}

function cellsOf(
  system: TransferSystemReport,
  { hasWithheld, hasPaper }: { readonly hasWithheld: boolean; readonly hasPaper: boolean },
): readonly string[] {
  const { accuracy, trainAccuracy, errors, validation, withheldAccuracy, bias, paper } = system;
  return [
    systemName(system),
    whole(system.trainSize),
    percent(trainAccuracy?.mean ?? null),
    percent(accuracy.mean),
    span(accuracy, percent),
    decimal(errors.mean, 1),
    ...(hasWithheld ? [percent(withheldAccuracy?.mean ?? null), decimal(bias?.mean ?? null)] : []),
    percent(validation.kept.mean),
    percent(validation.last.mean),
    ...(hasPaper ? [percent(paper?.accuracy ?? null)] : []),
    ...(hasPaper && hasWithheld ? [percent(paper?.withheldAccuracy ?? null)] : []),
  ];
}

/** @returns what a kind of student is called */
export function systemName({ system, isCorrected }: TransferSystemReport): string {
  const names = {
    whole: "hard labels, all samples",
    scratch: "hard labels",
    distilled: "soft labels",
    scratchAugmented: "hard labels, augmented",
    scratchSmoothed: "hard labels, smoothed",
  };
  return `${names[system]}${isCorrected ? ", biases corrected" : ""}`;
}

function seenSentence({ transferSize, wholeSize, generated, systems }: TransferReport): string {
  const [all, own] = [whole(wholeSize), whole(transferSize)];
  if (generated === undefined)
    return transferSize === wholeSize
      ? `The students saw all ${all} training samples.`
      : `The teacher saw ${all} training samples, the students ${own} of them.`;
  const made = generated === "noise" ? "of noise" : "made from the teacher’s weights";
  const isCompared = systems.some(({ system }) => system === "whole");
  return [
    `The training part has ${all} samples; the distilled student saw none of them, but ${own} ${made}, with what the teacher says of those.`,
    "What was chosen was chosen on the validation split, which is of real samples.",
    isCompared ? "Beside it the same network with hard labels of the training part." : "",
  ]
    .join(" ")
    .trim();
}

function sentence(transfer: TransferReport): string {
  const { withheld, hasLabels, correction, recovered, paper } = transfer;
  return [
    seenSentence(transfer),
    withheld.length === 0 ? "" : `No sample of ${withheld.join(", ")} was among them.`,
    hasLabels || transfer.generated !== undefined
      ? ""
      : "The distilled student got no hard label; the others did.",
    correction === null
      ? ""
      : `Class biases (${correction === "shared" ? "one number for all withheld classes" : "one a class"}) were chosen on the validation split, which has all classes, for each seed and kind of student; the test split had no part in it.`,
    recovered === null
      ? ""
      : `Of what hard labels lost with fewer samples, soft labels got back ${percent(recovered.mean, 1)} (95 % interval ${span(recovered, (share) => percent(share, 1))}).`,
    paper === null ? "" : `Beside it the 2015 paper, for orientation: ${paperSources[paper]}.`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}
