/** @file report.html: the whole report as one self-contained page. */

import type { Report } from "../report.ts";
import { headline } from "./headline.ts";
import { html } from "./markup.ts";
import { sections } from "./sections.ts";
import { document } from "./style.ts";

/**
 * One HTML file that needs nothing else: styles and charts are inline, there are no scripts and no
 * links to elsewhere.
 *
 * @returns a complete document; the same report gives the same text
 */
export function renderHtml(report: Report): string {
  const shown = sections(report);
  return document(
    report.title,
    html`${headline(report)}
<nav>${shown.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</nav>
<main>${shown.map(
      ({ id, title, body }) => html`
<section id="${id}">
<h2>${title}</h2>
${body}
</section>`,
    )}
</main>
<footer class="quiet">Made by Potstill ${report.createdBy.version}.</footer>`,
  );
}
