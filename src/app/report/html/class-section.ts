/** @file Class by class: confusion matrices, precision and recall. */

import { percent, whole } from "../numbers.ts";
import type { ModelReport, Report } from "../report.ts";
import { chart, chartWidth, Plot } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/**
 * More classes than these do not fit a readable matrix: the commonest mistakes are listed instead.
 */
const mostInMatrix = 24;
const mostMistakes = 10;

export function classSection({ models, data }: Report): Markup {
  const names = data.classNames;
  const { classes } = models.teacher;
  const shown = [
    ["Distilled", "distilled", models.distilled, names],
    ["Teacher", "teacher", models.teacher, classes?.names ?? names],
  ] as const;
  const matrices =
    names.length > mostInMatrix
      ? null
      : html`<div class="grid">${shown.map(([title, key, model, own]) => matrix(title, key, model, own))}</div>`;
  return html`<p>Counts over all seeds. Rows are the labels, columns what the model named.</p>${matrices}
${mistakes(models.distilled, names)}${perClass(models)}`;
}

function matrix(
  title: string,
  key: string,
  { test }: ModelReport,
  names: readonly string[],
): Markup {
  const cells = test.confusion.flatMap((row, label) => {
    const total = Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0),
    );
    return row.map((count, named) => ({ label, named, count, share: count / total }));
  });
  const most = Math.max(...cells.filter((c) => c.label !== c.named).map((c) => c.share), 1e-9);
  const size = names.length > 12 ? 9 : 11;
  const axis = {
    domain: names.map((_, c) => c),
    tickFormat: (c: number) => names[c] ?? "",
    tickSize: 0,
  };
  return chart(`${title}: mistakes are tinted by their share of the row, the diagonal is grey`, {
    height: chartWidth - 20,
    marginLeft: 70,
    marginBottom: 60,
    x: { ...axis, label: "named", tickRotate: -45 },
    y: { ...axis, label: "label" },
    opacity: { type: "linear", domain: [0, 1], range: [0, 1] },
    marks: [
      Plot.cell(cells, {
        x: "named",
        y: "label",
        fill: (c) => (c.label === c.named ? "var(--ink)" : `var(--${key})`),
        fillOpacity: (c) => (c.label === c.named ? 0.09 : (0.75 * c.share) / most),
        inset: 0.5,
      }),
      Plot.text(cells, {
        x: "named",
        y: "label",
        text: (c) => (c.count === 0 ? "" : String(c.count)),
        fontSize: size,
      }),
    ],
  });
}

function mistakes({ test }: ModelReport, names: readonly string[]): Markup | null {
  const found = test.confusion
    .flatMap((row, label) => row.map((count, named) => ({ label, named, count })))
    .filter(({ label, named, count }) => label !== named && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, mostMistakes);
  if (found.length === 0 || names.length <= mostInMatrix) return null;
  return table(
    "Commonest mistakes of the distilled student",
    [{ head: "Label", kind: "text" }, { head: "Named", kind: "text" }, { head: "Times" }],
    found.map((m) => ({ cells: [names[m.label]!, names[m.named]!, whole(m.count)] })),
  );
}

function perClass({ teacher, distilled, scratch }: Report["models"]): Markup {
  const columns = ["Precision", "Recall", "F1"].flatMap((score) =>
    [score, ...(scratch === null ? [] : ["scratch"]), "teacher"].map((head) => ({ head })),
  );
  const rows = distilled.test.perClass.map((own, c) => {
    const alone = scratch === null ? [] : [scratch.test.perClass[c]!];
    const taught = teacher.test.perClass.find(({ name }) => name === own.name);
    const others = [own, ...alone, taught];
    const scores = (["precision", "recall", "f1"] as const).flatMap((score) =>
      others.map((of) => percent(of?.[score] ?? null, 1).replace(" %", "")),
    );
    return { cells: [own.name, ...scores] };
  });
  return table(
    `Per class, %: distilled student, then ${scratch === null ? "" : "the student from scratch and "}the teacher`,
    [{ head: "Class", kind: "text" }, ...columns],
    rows,
  );
}
