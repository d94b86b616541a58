/** @file report.html: the whole report as one self-contained page. */

import type { Report } from "../report.ts";
import { headline } from "./headline.ts";
import { html, type Markup, raw } from "./markup.ts";
import { sections } from "./sections.ts";
import { style } from "./style.ts";

/**
 * One HTML file that needs nothing else: styles and charts are inline, there are no scripts and no
 * links to elsewhere.
 *
 * @returns a complete document; the same report gives the same text
 */
export function renderHtml(report: Report): string {
  const shown = sections(report);
  const page: Markup = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${report.title}</title>
<style>${raw(style)}</style>
</head>
<body>
${headline(report)}
<nav>${shown.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav>
<main>${shown.map(
    ({ id, title, body }) => html`
<section id="${id}">
<h2>${title}</h2>
${body}
</section>`,
  )}
</main>
<footer class="quiet">Made by Potstill ${report.createdBy.version}.</footer>
</body>
</html>
`;
  return page.markup;
}
