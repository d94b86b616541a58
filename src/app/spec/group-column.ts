/** @file split.by may name a column of the data: then that column is the samples' group. */

import type { DataSpec } from "../../data/index.ts";
import { ConfigError, unknownName } from "../../errors/index.ts";
import type { Recipe } from "./recipe.ts";

/** Where each source keeps the name of its groups; the others have none. */
const groupKeys = {
  csv: "group",
  parquet: "group",
  text: "group",
  npy: "groups",
  npz: "groups",
} as const;

type Grouped = Extract<DataSpec, { source: keyof typeof groupKeys }>;

/**
 * `split: {by: speaker}` is `split: {by: group}` with `data: {group: speaker}`; and with
 * `teacherInputs: {group: speaker}` where these are a table all of whose columns are features.
 *
 * @param where of split.by, for messages
 * @returns the recipe with split.by "sample", "group", or none
 * @throws ConfigError "config/unknown-name" for a source without columns; "config/conflict" if the
 *   data name another group
 */
export function withGroupColumn(recipe: Recipe, where: string): Recipe {
  const { data, split } = recipe;
  const by = split?.by;
  if (by === undefined || by === "sample" || by === "group") return recipe;
  if (data === undefined || !isGrouped(data))
    throw unknownName(where, "split.by", by, ["sample", "group"]);
  const key = groupKeys[data.source];
  const { [key]: given } = data as Partial<Record<typeof key, string | number>>; // the source's own key
  if (given !== undefined && given !== by)
    throw new ConfigError("config/conflict", {
      where,
      rule: `split.by names the group, and data.${key} names another`,
      got: `${by} and ${given}`,
      fix: `Leave data.${key} out, or write split.by: group`,
    });
  const named = { ...data, [key]: by } as DataSpec; // as above
  const inputs = withoutFeature(recipe.teacherInputs, by);
  const teacherInputs = inputs && { teacherInputs: inputs };
  return { ...recipe, data: named, ...teacherInputs, split: { ...split, by: "group" } };
}

/** The column would tell the teacher what the student cannot know. */
function withoutFeature(inputs: DataSpec | undefined, by: string): DataSpec | undefined {
  if (inputs?.source !== "csv" && inputs?.source !== "parquet") return inputs;
  const hasColumns = "columns" in inputs || "image" in inputs || "size" in inputs;
  if (hasColumns || inputs.group !== undefined || inputs.ignore?.includes(by)) return inputs;
  return { ...inputs, group: by };
}

function isGrouped(data: DataSpec): data is Grouped {
  return Object.hasOwn(groupKeys, data.source);
}
