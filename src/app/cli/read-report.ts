/** @file A run's report.json, read back. */

import { DataError } from "../../errors/index.ts";
import type { Report } from "../report/index.ts";

/** @throws DataError "file/report" if it is none */
export async function readReport(bytes: Uint8Array, where: string): Promise<Report> {
  const { parseReport } = await import("../report/index.ts"); // with its charts
  return parseReport(parseJson(bytes, where), where);
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new DataError("file/report", {
      where,
      rule: "a report must be JSON",
      got: "other text",
      fix: "Give the report.json of a run",
      cause,
    });
  }
}
