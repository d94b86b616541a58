/** @file Students that saw part of what their teacher saw, beside the paper's figures. */

import { decimal, percent, span, whole } from "../numbers.ts";
import { paperSources } from "../paper-figures.ts";
import type { Report } from "../report.ts";
import type { TransferReport, TransferSystemReport } from "../transfer-report.ts";
import { html, type Markup } from "./markup.ts";
import { type Column, table } from "./table.ts";

/** @returns null where the students saw everything */
export function transferSection({ transfer, models }: Report): Markup | null {
  if (transfer === null) return null;
  const { classes } = models.teacher;
  const isOld = knowsWithheld(transfer, classes?.names);
  const hasWithheld = transfer.withheld.length > 0;
  const hasPaper = transfer.paper !== null;
  const columns: readonly Column[] = [
    { text: "Student" },
    ...["Samples", "Training accuracy", "Test accuracy", "95 % interval", "Errors"],
    ...(hasWithheld ? withheldHeads(isOld) : []),
    "Validation: kept",
    "last epoch",
    ...(hasPaper ? ["The paper"] : []),
    ...(hasPaper && hasWithheld ? ["its withheld"] : []),
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
  return html`<p>${sentence(transfer, isOld)}</p>${table("Test split, mean over seeds", columns, rows)}${inWords}`;
}

function cellsOf(
  system: TransferSystemReport,
  { hasWithheld, hasPaper }: { readonly hasWithheld: boolean; readonly hasPaper: boolean },
): readonly string[] {
  const { accuracy, trainAccuracy, errors, validation, bias, paper } = system;
  const { withheldAccuracy, withheldAmong, shownAccuracy } = system;
  const ofClasses = [withheldAccuracy, withheldAmong, shownAccuracy];
  return [
    systemName(system),
    whole(system.trainSize),
    percent(trainAccuracy?.mean ?? null),
    percent(accuracy.mean),
    span(accuracy, percent),
    decimal(errors.mean, 1),
    ...(hasWithheld
      ? [...ofClasses.map((each) => percent(each?.mean ?? null)), decimal(bias?.mean ?? null)]
      : []),
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

/** @returns whether the withheld classes are those that the teacher knows: the old ones */
export function knowsWithheld(
  { withheld }: TransferReport,
  known: readonly string[] | undefined,
): boolean {
  return known?.toSorted().join("\n") === withheld.toSorted().join("\n");
}

function withheldHeads(isOld: boolean): readonly string[] {
  const [withheld, others] = isOld
    ? (["Old classes", "New classes"] as const)
    : (["Withheld classes", "Others"] as const);
  return [withheld, "among themselves", others, "Bias"];
}

function seenSentence(transfer: TransferReport, isOld: boolean): string {
  const { transferSize, wholeSize, generated, systems, distinctSize = transferSize } = transfer;
  const [all, own] = [whole(wholeSize), whole(transferSize)];
  if (generated === undefined) {
    if (transferSize === wholeSize) return `The students saw all ${all} training samples.`;
    return isOld
      ? `Of ${all} training samples the students saw ${own}, all of new classes: what they know of the old ones they have from the old model.`
      : `The teacher saw ${all} training samples, the students ${own} of them.`;
  }
  const made = generated === "noise" ? "of noise" : "made from the teacher’s weights";
  const compared = systems.find(({ system }) => system === "whole");
  const hard =
    compared?.trainSize === wholeSize ? "hard" : `${whole(compared?.trainSize ?? 0)} hard`;
  return [
    `The training part has ${all} samples; the distilled student saw none of them, but ${own} ${made}, with what the teacher says of those.`,
    distinctSize < transferSize ? `Only ${whole(distinctSize)} of these are different.` : "",
    "What was chosen was chosen on the validation split, which is of real samples.",
    compared ? `Beside it the same network with ${hard} labels of the training part.` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** @param isOld the teacher knows the withheld classes alone */
function sentence(transfer: TransferReport, isOld: boolean): string {
  const { withheld, hasLabels, correction, recovered, paper } = transfer;
  return [
    seenSentence(transfer, isOld),
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
