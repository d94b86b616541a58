/** @file An ensemble's members, or a generalist and its specialists, and the gain kept. */

import { percent, points, span } from "../numbers.ts";
import type { Report } from "../report.ts";
import {
  type EnsembleReport,
  type GainReport,
  isWorse,
  type SpecialistsReport,
  whyUndefined,
} from "../teacher-parts-report.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** @returns null for a teacher of one part */
export function teacherPartsSection({ ensemble, specialists }: Report): Markup | null {
  if (ensemble !== null) return ensembleBody(ensemble);
  return specialists === null ? null : specialistsBody(specialists);
}

/**
 * The share of the teacher's gain that the student keeps.
 *
 * @param measured "Test accuracy"
 * @param isLoss the teacher is clearly worse
 */
export function gainTable(measured: string, report: GainReport, isLoss: boolean): Markup {
  const { over, baseline, teacher, students, gain, kept } = report;
  const row = (name: string, interval: GainReport["gain"]) => ({
    cells: [name, percent(interval.mean), span(interval, percent, " – ")],
  });
  const share = "Share of the gain kept";
  return table(
    null,
    [{ text: measured }, "Mean", "95 % interval"],
    [
      row(over === "members" ? "Members, mean" : "Generalist", baseline),
      row("Teacher", teacher),
      row("Distilled student", students),
      { cells: ["Gain, points", points(gain.mean), span(gain, points, " – ")] },
      kept === null
        ? { cells: [share, "undefined", whyUndefined(gain, isLoss)] }
        : row(share, kept),
    ],
  );
}

function ensembleBody(ensemble: EnsembleReport): Markup {
  const rows = ensemble.members.map(({ name, accuracy, weight }, m) => ({
    cells: [`${m + 1}. ${name}`, percent(accuracy), percent(weight)],
  }));
  return html`<p><strong>${ensemble.sentence}</strong></p>
${gainTable("Test accuracy", ensemble, isWorse(ensemble.gain))}
${table(
  `Members, combined by ${ensemble.combine} mean`,
  [{ text: "Member" }, "Test accuracy", "Weight"],
  rows,
)}`;
}

function specialistsBody(report: SpecialistsReport): Markup {
  const { sets, conditional, coverage } = report;
  const share = (value: number | null): string => (value === null ? "–" : percent(value));
  return html`<p><strong>${report.sentence}</strong></p>
${gainTable("Test accuracy", report, isWorse(report.gain))}
${table(
  "Overall, and among each specialist’s classes alone",
  [{ text: "Teacher" }, "Conditional", "Overall"],
  [
    { cells: ["Generalist", share(conditional.generalist), percent(report.baseline.mean)] },
    {
      cells: ["With specialists", share(conditional.withSpecialists), percent(report.teacher.mean)],
    },
  ],
)}
${table(
  "By the number of specialists that cover the true class",
  ["Specialists", "Test samples", "Change of correct", "Relative"],
  coverage.map(({ specialists, cases, change, relative }) => ({
    cells: [String(specialists), String(cases), String(change), share(relative)],
  })),
)}
<p>Specialists: ${sets.map((set) => set.join(", ")).join("; ")}.</p>`;
}
