/** @file Word errors of each model, by kind, and the share of the teacher's gain that is kept. */

import { decimal, percent, span, whole } from "../numbers.ts";
import type { RecognitionReport, WordErrorReport } from "../recognition-report.ts";
import type { Report } from "../report.ts";
import { hasIntervals, unitsText } from "../resampling-words.ts";
import { html, type Markup } from "./markup.ts";
import { modelNames, modelTitles, swatch } from "./models.ts";
import { table } from "./table.ts";
import { gainTable } from "./teacher-parts-section.ts";

/** @returns null where no words were recognised */
export function recognitionSection({ recognition, testGroups }: Report): Markup | null {
  if (recognition === null) return null;
  const { recordings, words, vocabulary, gain } = recognition;
  const units = unitsText(testGroups === recordings ? null : testGroups, "recordings");
  const intervals = hasIntervals(testGroups)
    ? html` The 95&nbsp;% intervals come from a percentile bootstrap that resamples
seeds and ${units} (2000 resamples).`
    : null;
  return html`<p>${whole(words)} words in ${whole(recordings)} test recordings; ${whole(vocabulary)} can be recognised. Each model’s
decoder was tuned on the validation split alone.${intervals}</p>
${errorTable(recognition)}
${
  gain &&
  html`<p><strong>${gain.sentence}</strong></p>
${gainTable("Word error rate", gain, (gain.gain.low ?? 0) > 0)}`
}
${decoderTable(recognition)}`;
}

function errorTable({ models: reports, teacherParts }: RecognitionReport): Markup {
  const cells = ({ wordErrorRate, ...kinds }: WordErrorReport): readonly string[] => [
    percent(wordErrorRate.mean),
    span(wordErrorRate, percent, " – "),
    ...[kinds.substitutions, kinds.deletions, kinds.insertions].map(({ mean }) =>
      decimal(mean, Number.isInteger(mean) ? 0 : 1),
    ),
  ];
  const rows = modelNames.flatMap((key) => {
    const report = reports[key];
    const own = report && { mark: key === "distilled", cells: [swatch(key), ...cells(report)] };
    const parts = key === "teacher" ? teacherParts : [];
    return [
      ...(own ? [own] : []),
      ...parts.map(({ name, ...part }) => ({ cells: [partTitle(name), ...cells(part)] })),
    ];
  });
  const heads = ["Word error rate", "95 % interval", "Substitutions", "Deletions", "Insertions"];
  const columns = [{ text: "Model" }, ...heads];
  return table("Word errors on the test recordings, means over seeds", columns, rows);
}

/** "teacher/member-2" → "Member 2" */
export function partTitle(name: string): string {
  const part = name.replace(/^teacher\//, "").replace("-", " ");
  return part.charAt(0).toUpperCase() + part.slice(1);
}

function decoderTable({ models: reports }: RecognitionReport): Markup {
  const rows = modelNames.flatMap((key) =>
    (reports[key]?.decoder ?? []).map((weights, seed) => ({
      cells: [
        `${modelTitles[key]}${key === "teacher" ? "" : `, ${seed + 1}`}`,
        String(weights.languageModelWeight),
        String(weights.priorWeight),
        String(weights.acousticScale),
        String(weights.wordInsertionPenalty),
        percent(weights.validationWordErrorRate),
      ],
    })),
  );
  const heads = ["Language model", "State priors", "Acoustic scale", "Word penalty, nats"];
  const columns = [{ text: "Model" }, ...heads, "Validation word error rate"];
  return table("Weights chosen on validation, of each seed", columns, rows);
}
