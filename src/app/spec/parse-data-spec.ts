/** @file Data named on a command line: a source's name, a file, or a spec in YAML. */

import { parse } from "yaml";
import type { DataSpec } from "../../data/index.ts";
import { ConfigError, errorSentence } from "../../errors/index.ts";
import { dataSchema } from "./data-schema.ts";
import { findProblems } from "./problems.ts";

/**
 * @param text "digits", "FILE.csv", "FILE.parquet", or YAML as in a recipe: "{source: npz, file:
 *   a.npz, samples: x, labels: y}"
 * @throws ConfigError "config/yaml"; as parseRecipe for what the spec says
 */
export function parseDataSpec(text: string, where: string): DataSpec {
  if (text === "digits") return { source: "digits" };
  if (/\.(csv|tsv)$/.test(text)) return { source: "csv", file: text };
  if (text.endsWith(".parquet")) return { source: "parquet", file: text };
  const value = parseYaml(text, where);
  const problems = findProblems(dataSchema, value);
  const [first] = problems;
  if (first !== undefined)
    throw new ConfigError(first.code, {
      where,
      rule: problems
        .map(({ code: _, path: __, ...parts }) =>
          errorSentence({ where: "", ...parts })
            .replace(/^: /, "")
            .replace(/\.$/, ""),
        )
        .join("; "),
      fix: 'Give "digits", a .csv file, a recipe, or a source as in a recipe: "{source: csv, file: a.csv}"',
    });
  return dataSchema.parse(value);
}

function parseYaml(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new ConfigError("config/yaml", {
      where,
      rule: "data must be named in YAML",
      got: text,
      fix: 'Write for example "{source: csv, file: a.csv}"',
      cause,
    });
  }
}
