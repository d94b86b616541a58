/** @file Which sections the page has, and in which order; a section without content is left out. */

import type { Report } from "../report.ts";
import type { Markup } from "./markup.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

export function sections(_report: Report): readonly Section[] {
  return [];
}
