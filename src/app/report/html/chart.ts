/** @file Charts as inline SVG, drawn without a browser. */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, type Markup, raw } from "./markup.ts";

export { Plot };

/** All charts are drawn this wide, in pixels, and scaled by the page. */
export const chartWidth = 460;

/**
 * One chart under its caption.
 *
 * Colours are the page's custom properties (`var(--distilled)`), so a chart follows the light and
 * dark scheme.
 */
export function chart(caption: string, options: Plot.PlotOptions): Markup {
  return html`<figure><figcaption>${caption}</figcaption>${raw(drawSvg(caption, options))}</figure>`;
}

/** @returns the chart alone, as part of a page, with its caption for those who cannot see it */
export function drawSvg(caption: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    width: chartWidth,
    height: 260,
    marginLeft: 52,
    marginTop: 14,
    marginBottom: 42,
    marginRight: 16,
    ...options,
    style: { fontSize: "12px" },
    document,
  });
  const drawn = svg.outerHTML
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/ xmlns(:\w+)?="[^"]*"/g, "");
  // the label is put in here because linkedom leaves "<" in attributes as it is
  const [, rest = ""] = drawn.split(/^<svg/);
  const label = html`${caption}`.markup;
  return `<svg role="img" aria-label="${label}"${rest}`;
}
