/** @file Tables with aligned numbers. */

import { html, type Markup } from "./markup.ts";

export interface Column {
  readonly head: string;
  /** default "number": right-aligned, figures of one width */
  readonly kind?: "text" | "number";
}

type Cell = string | Markup;

/** One row; `mark` emphasises it. */
export interface Row {
  readonly cells: readonly Cell[];
  readonly mark?: boolean;
}

/**
 * The first cell of each row is its header. Scrolls sideways by itself where the page is narrow.
 */
export function table(
  caption: string | null,
  columns: readonly Column[],
  rows: readonly Row[],
): Markup {
  const kind = (index: number): string => columns[index]?.kind ?? "number";
  return html`<div class="scroll"><table>${
    caption === null ? null : html`<caption>${caption}</caption>`
  }<thead><tr>${columns.map(
    ({ head }, i) => html`<th scope="col" class="${kind(i)}">${head}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ({ cells, mark }) =>
      html`<tr${mark === true ? html` class="mark"` : null}>${cells.map((cell, i) =>
        i === 0
          ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
          : html`<td class="${kind(i)}">${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}
