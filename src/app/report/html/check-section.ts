/** @file Faults the run looked for in itself. */

import type { Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** @returns null where no checks were recorded */
export function checkSection({ selfChecks }: Report): Markup | null {
  if (selfChecks.length === 0) return null;
  const failed = selfChecks.filter(({ passed }) => !passed).length;
  const rows = selfChecks.map(({ id, name, passed, detail }) => ({
    cells: [
      id,
      name,
      passed ? html`<span class="pass">passed</span>` : html`<span class="fail">failed</span>`,
      detail,
    ],
  }));
  return html`<p>${failed === 0 ? `All ${selfChecks.length} passed.` : `${failed} of ${selfChecks.length} failed.`}</p>
${table(
  null,
  ["", "Check", "Outcome", "Detail"].map((text) => ({ text })),
  rows,
)}`;
}
