/** @file Everything needed to make the report again: data, environment, recipe, files. */

import { stringify } from "yaml";
import { trainingWords } from "../../../distill/index.ts";
import { byteSize, whole } from "../numbers.ts";
import type { Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

export function reproductionSection(report: Report): Markup {
  const { commandLine, recipe, exports, notes } = report;
  const files =
    exports.length === 0
      ? null
      : table(
          "Exported files",
          [{ text: "File" }, { text: "Format" }, "Size", { text: "Against the trained graph" }],
          exports.map(({ file, format, bytes, parity }) => ({
            cells: [file, format, byteSize(bytes), parity ?? "not measured"],
          })),
        );
  const remarks =
    notes.length === 0
      ? null
      : html`<h3>Notes</h3><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
  return html`<pre>${commandLine}
potstill reproduce report.json</pre>
<p>The same data, version, runtime, kind of CPU and thread count give the same numbers.</p>
${facts(report)}
<details><summary>Recipe, as resolved</summary><pre>${stringify(recipe)}</pre></details>${files}${remarks}`;
}

function facts({ data, transfer, createdBy, seeds, startHash }: Report): Markup {
  const listed: readonly (readonly [string, string | undefined])[] = [
    [
      "Data",
      `${data.name}, samples of shape [${data.sampleShape.join(", ")}], ${data.classNames.length} classes`,
    ],
    ["Data hash", data.hash],
    [
      "Splits",
      `${trainingWords(data.trainSize, transfer, whole)}, ${whole(data.validationSize)} validation, ${whole(data.testSize)} test`,
    ],
    [
      "Transfer set",
      `${whole(data.transferSize)} samples with soft labels, ${whole(data.unlabelledCount)} of them without a label`,
    ],
    ["Start of students", startHash],
    ["Seeds", seeds.join(", ")],
    ["Potstill", createdBy.version],
    [
      "Runtime",
      `${createdBy.runtime} ${createdBy.runtimeVersion}, ${createdBy.threads} ${createdBy.threads === 1 ? "thread" : "threads"}`,
    ],
    ["Node", createdBy.node],
    ["CPU", createdBy.cpu],
  ];
  return html`<dl>${listed.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<dt>${name}</dt><dd>${value}</dd>`],
  )}</dl>`;
}
