/** @file Which settings were tried for each arm, and which were taken. */

import { percent } from "../numbers.ts";
import type { Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import { students, swatch } from "./models.ts";
import { table } from "./table.ts";

/** @returns null where nothing was tuned */
export function tuningSection(report: Report): Markup | null {
  const tuned = students(report).filter(({ model }) => model.tuning.trials.length > 0);
  if (tuned.length === 0) return null;
  const rows = tuned.flatMap(({ key, model: { tuning } }) =>
    tuning.trials.map(({ settings, validationAccuracy }, trial) => ({
      mark: trial === tuning.chosen,
      cells: [
        swatch(key),
        Object.entries(settings)
          .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
          .join(", "),
        percent(validationAccuracy),
        trial === tuning.chosen ? "chosen" : "",
      ],
    })),
  );
  return html`<p>Every arm had the same number of trials, ${tuned[0]!.model.tuning.trials.length}, judged on the validation
split. The test split was looked at once, at the end.</p>
${table(null, [{ text: "Arm" }, { text: "Settings" }, "Validation accuracy", { text: "" }], rows)}`;
}
