/** @file Class by class: confusion matrices, precision and recall. */

import { percent, whole } from "../numbers.ts";
import type { ModelReport, Report } from "../report.ts";
import { chart, chartWidth, named, shorten, text } from "./chart.ts";
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
    const total = row.reduce((sum, count) => sum + count, 0);
    const shares = row.map((count, as) => ({ label, as, count, share: count / total || 0 }));
    return shares.filter(({ as, count }) => as === label || count > 0);
  });
  const most = Math.max(...cells.filter((c) => c.label !== c.as).map((c) => c.share), 1e-9);
  const digits = Math.max(...cells.map(({ count }) => String(count).length));
  const axis = named(names.map((name) => shorten(name, 16)));
  return chart(`${title}: mistakes are tinted by their share of the row, the diagonal is grey`, {
    height: chartWidth - 20,
    x: { ...axis, label: "named" },
    y: { ...axis, label: "label" },
    marks: (x, y) => {
      const [width, height] = [x(1) - x(0) - 1, y(1) - y(0) - 1];
      const drawn = cells.map(({ label, as, count, share }) => {
        const [fill, opacity] = label === as ? ["ink", 0.09] : [key, (0.75 * share) / most];
        const [left, top] = [x(as) - width / 2, y(label) - height / 2];
        return html`<rect x="${left}" y="${top}" width="${width}" height="${height}"
 fill="var(--${fill})" fill-opacity="${opacity}"/>${text(count || "", [x(as), y(label) + 3.5])}`;
      });
      const size = Math.min(11, width / (0.66 * digits));
      return [html`<g font-size="${size}">${drawn}</g>`];
    },
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
    [{ text: "Label" }, { text: "Named" }, "Times"],
    found.map((m) => ({ cells: [names[m.label]!, names[m.named]!, whole(m.count)] })),
  );
}

function perClass({ teacher, distilled, scratch }: Report["models"]): Markup {
  const columns = ["Precision", "Recall", "F1"].flatMap((score) => [
    score,
    ...(scratch === null ? [] : ["scratch"]),
    "teacher",
  ]);
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
    [{ text: "Class" }, ...columns],
    rows,
  );
}
