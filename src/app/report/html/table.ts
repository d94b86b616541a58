/** @file Tables with aligned numbers. */

import { html, type Markup } from "./markup.ts";

/** Its head; numbers are right-aligned, with figures of one width, `text` is to the left. */
export type Column = string | { readonly text: string };

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
  const kind = (index: number): string => (typeof columns[index] === "object" ? "text" : "number");
  return html`<div class="scroll"><table>${
    caption === null ? null : html`<caption>${caption}</caption>`
  }<thead><tr>${columns.map(
    (column, i) =>
      html`<th scope="col" class="${kind(i)}">${typeof column === "object" ? column.text : column}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ({ cells, mark }) =>
      html`<tr${mark === true ? html` class="mark"` : null}>${cells.map((cell, i) =>
        i === 0
          ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
          : html`<td class="${kind(i)}">${cell}</td>`,
      )}</tr>`,
  )}</tbody></table></div>`;
}
