/** @file MODEL_CARD.md: the distilled student described as model hubs expect it. */

import { stringify } from "yaml";
import { trainingWords } from "../../distill/index.ts";
import { allModels } from "./html/models.ts";
import { byteSize, decimal, percent, points, short, span } from "./numbers.ts";
import type { Report } from "./report.ts";
import { groupNotes, unitsText } from "./resampling-words.ts";
import { teacherNotes } from "./teacher-classes.ts";

/**
 * Markdown with YAML front matter in the Hugging Face model card format (library_name, tags,
 * metrics, model-index).
 *
 * No licence is claimed: that is the owner's to state.
 *
 * @see Mitchell et al. (2019), Model Cards for Model Reporting, arXiv:1810.03993
 */
export function renderModelCard(report: Report): string {
  const { distilled } = report.models;
  return `---
${stringify(frontMatter(report))}---

# ${plain(distilled.name)}

${plain(distilled.description)}

**${plain(report.verdict.sentence)}**

| Model | Test accuracy | 95 % interval | Worst and best seed | Parameters | MACs | Size |
|---|---:|---:|---:|---:|---:|---:|
${modelRows(report).join("\n")}

## Intended use

Classifies samples of shape [${report.data.sampleShape.join(", ")}] into ${report.data.classNames.length} classes: \
${report.data.classNames.map(plain).join(", ")}. The file takes samples as they are stored: scaling and offset are
inside the model.

## Training

- Data: ${plain(report.data.name)}, ${trainingWords(report.data.trainSize, report.transfer)}, ${report.data.validationSize} validation and \
${report.data.testSize} test samples; content hash \`${report.data.hash}\`.
- Teacher: ${plain(report.models.teacher.name)}. ${plain(report.models.teacher.description)} It labelled \
${report.data.transferSize} samples, ${report.data.unlabelledCount} of them without a label of their own.
- Seeds: ${report.seeds.join(", ")}. ${plain(report.seedVaries)}
- Made by Potstill ${report.createdBy.version}, ${report.createdBy.runtime} ${report.createdBy.runtimeVersion}, \
threads: ${report.createdBy.threads}.
- Command: \`${report.commandLine.replaceAll("`", "'")}\`

## Evaluation

${differenceLine(report)}${[...groupNotes(report.testGroups), ...teacherNotes(report)]
  .map((note) => `- ${plain(note)}\n`)
  .join(
    "",
  )}- Agreement with the teacher: ${percent(distilled.toTeacher.agreement.mean)}; KL(teacher ‖ student): \
${decimal(distilled.toTeacher.klNats.mean, 4)} nats.
- Expected calibration error: ${percent(distilled.test.calibration.error.mean)}.
${partsLine(report)}${wordsLine(report)}${report.convergence === null ? "" : `- Convergence: ${plain(report.convergence.sentence)}\n`}
## Limits

Accuracies are for the test split named above and say nothing about other data. The student inherits its teacher's
mistakes and biases. See \`report.html\` for per-class results.
${report.notes.map((note) => `\n- ${plain(note)}`).join("")}
`;
}

function differenceLine({ comparisons, testGroups }: Report): string {
  const { distilledVsScratch: difference } = comparisons;
  if (difference === null) return "";
  const units = unitsText(testGroups);
  const interval =
    difference.low === null
      ? `no interval from ${units}`
      : `95 % interval ${span(difference, points)}, bootstrap over seeds and ${units}`;
  return `- Distilled minus scratch: ${points(difference.diff)} percentage points (${interval}).\n`;
}

/** Members or specialists behind the student, and the share of their gain that it keeps. */
function partsLine({ ensemble, specialists }: Report): string {
  if (specialists !== null) return `- Specialists: ${plain(specialists.sentence)}\n`;
  if (ensemble === null) return "";
  const members = ensemble.members.map(({ accuracy }) => percent(accuracy)).join(", ");
  return `- Ensemble: ${plain(ensemble.sentence)} Its members: ${members}.\n`;
}

function wordsLine({ recognition }: Report): string {
  if (recognition === null) return "";
  const { models, words, recordings, gain } = recognition;
  const { wordErrorRate } = models.distilled;
  const hasInterval = wordErrorRate.low !== null;
  const interval = hasInterval ? `95 % interval ${span(wordErrorRate, percent)}` : "no interval";
  return `- Word error rate: ${percent(wordErrorRate.mean)} (${interval}) of ${words} words in ${recordings} recordings.${gain === null ? "" : ` ${plain(gain.sentence)}`}\n`;
}

function frontMatter({ title, data, models }: Report): object {
  const task = data.sampleShape.length === 3 ? "image-classification" : "tabular-classification";
  const value = Number(models.distilled.test.accuracy.mean.toFixed(4));
  return {
    library_name: "onnx",
    pipeline_tag: task,
    tags: ["knowledge-distillation", "onnx", "potstill"],
    metrics: ["accuracy"],
    "model-index": [
      {
        name: title,
        results: [
          {
            task: { type: task },
            dataset: { name: data.name, type: slug(data.name), split: "test" },
            metrics: [{ type: "accuracy", name: "Test accuracy", value }],
          },
        ],
      },
    ],
  };
}

function modelRows(report: Report): readonly string[] {
  return allModels(report).map(({ key, title, model }) => {
    const { accuracy } = model.test;
    const cells = [
      key === "distilled" ? `**${title}**` : title,
      percent(accuracy.mean),
      span(accuracy, percent, " – "),
      [...new Set([Math.min(...accuracy.perSeed), Math.max(...accuracy.perSeed)])]
        .map((share) => percent(share))
        .join(" – "),
      short(model.parameters),
      short(model.macs),
      byteSize(model.bytes),
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

/** Text that Markdown shows as it is: on one line, markup characters escaped. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "data"
  );
}
