/** @file Writes the report's three files into a run folder. */

import type { Store } from "../../data/index.ts";
import { DataError } from "../../errors/index.ts";
import { buildReport } from "./build-report.ts";
import { renderHtml } from "./html/page.ts";
import type { ReportInput } from "./input.ts";
import { renderModelCard } from "./model-card.ts";
import type { Report } from "./report.ts";
import { reportSchema } from "./report-schema.ts";

/**
 * Builds the report, checks it against its schema, and writes `report.html`, `MODEL_CARD.md` and,
 * last, `report.json`: where that one is, the others are. Each file is replaced in one step.
 *
 * @throws ConfigError, DataError as {@link buildReport}; DataError "file/..." when the store cannot
 *   write
 */
export async function writeReport(store: Store, input: ReportInput): Promise<Report> {
  const report = parseReport(buildReport(input), "report");
  const text = new TextEncoder();
  await store.write("report.html", text.encode(renderHtml(report)));
  await store.write("MODEL_CARD.md", text.encode(renderModelCard(report)));
  await store.write("report.json", text.encode(`${JSON.stringify(report, null, 1)}\n`));
  return report;
}

/**
 * Checks that a value is a report, as when `report.json` is read back.
 *
 * @param where the file, for the message
 * @throws DataError "file/report" naming the first fields that are wrong
 */
export function parseReport(value: unknown, where: string): Report {
  const checked = reportSchema.safeParse(value);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.slice(0, 3);
  const list = problems.map(({ path, message }) => `${path.join(".") || "(top)"}: ${message}`);
  throw new DataError("file/report", {
    where,
    rule: "it must be a report of format version 1, as schemas/report.schema.json describes it",
    got: list.join("; "),
    fix: "Use a report.json that this version wrote",
    details: { problems: list },
    cause: checked.error,
  });
}
