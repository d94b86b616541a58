/** @file Teacher and student layer by layer, side by side. */

import { whole } from "../numbers.ts";
import type { ModelReport, Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

export function layerSection({ models }: Report): Markup {
  return html`<div class="grid">${layers("Teacher", models.teacher)}${layers("Student", models.distilled)}</div>`;
}

function layers(title: string, model: ModelReport): Markup {
  const heading = html`<h3>${title}: ${model.name}</h3><p class="quiet">${model.description}</p>`;
  if (model.layers === null)
    return html`<div>${heading}<p>Its layers are not known: it was run as it is.</p></div>`;
  const total = {
    mark: true,
    cells: ["Total", "", "", whole(model.parameters), whole(model.macs)],
  };
  const rows = model.layers.map(({ name, kind, outputShape, parameters, macs }) => ({
    cells: [name, kind, outputShape, whole(parameters), whole(macs)],
  }));
  return html`<div>${heading}${table(
    null,
    [{ text: "Layer" }, { text: "Kind" }, "Output", "Parameters", "MACs"],
    [...rows, total],
  )}</div>`;
}
