/** @file Parameter groups: parts of a network that learn faster, slower, or not at all. */

import { assertInRange, ConfigError } from "../../errors/index.ts";
import type { ParameterSpec } from "../nn/index.ts";

/** Parameters that are updated in a way of their own. */
export interface ParameterGroup {
  /**
   * names of the parameters, "hidden1/kernel"; a star stands for any characters: "hidden1/*" is a
   * layer, "*bias" are all biases. A parameter belongs to the first group that names it
   */
  readonly parameters: string | readonly string[];
  /** multiplies the learning rate, at least 0; 0 freezes: no gradient, no decay. Default 1 */
  readonly learningRateScale?: number;
  /** λ in place of the optimiser's, for every parameter of the group, biases too */
  readonly weightDecay?: number;
}

/** How one parameter is updated. */
export interface ParameterRule {
  readonly learningRateScale: number;
  /** undefined: the optimiser's, where the training says that it applies */
  readonly weightDecay: number | undefined;
}

function patternsOf({ parameters }: ParameterGroup): readonly string[] {
  return typeof parameters === "string" ? [parameters] : (parameters ?? []); // without types: none
}

function isNamed(name: string, pattern: string): boolean {
  const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`).test(name);
}

/**
 * @param trainable the network's trained parameters
 * @returns how each is updated, by name
 * @throws ConfigError "config/parameter-groups" for a group without patterns, a pattern that names
 *   no parameter, or if nothing is left to train; "config/range" for a negative scale or decay
 */
export function parameterRules(
  groups: readonly ParameterGroup[],
  trainable: readonly ParameterSpec[],
): ReadonlyMap<string, ParameterRule> {
  const names = trainable.map(({ name }) => name);
  for (const group of groups) assertGroup(group, names);
  const rules = new Map(
    names.map((name) => {
      const group = groups.find((one) => patternsOf(one).some((pattern) => isNamed(name, pattern)));
      const { learningRateScale = 1, weightDecay } = group ?? {};
      return [name, { learningRateScale, weightDecay }] as const;
    }),
  );
  if (names.length > 0 && [...rules.values()].every((rule) => rule.learningRateScale === 0))
    throw new ConfigError("config/parameter-groups", {
      where: "parameterGroups",
      rule: "at least one parameter must be trained",
      got: "a learningRateScale of 0 for all of them",
      fix: "Leave a layer out of the frozen groups",
      details: { names },
    });
  return rules;
}

function assertGroup(group: ParameterGroup, names: readonly string[]): void {
  const where = `parameter group ${JSON.stringify(group.parameters)}`;
  const { learningRateScale = 1, weightDecay = 0 } = group;
  assertInRange(where, { learningRateScale, weightDecay }, { from: 0 });
  if (patternsOf(group).length === 0)
    throw new ConfigError("config/parameter-groups", {
      where,
      rule: "a group must say which parameters it has",
      got: "none",
      fix: 'Give names or patterns: parameters: "hidden1/*"',
    });
  const lost = patternsOf(group).find((pattern) => !names.some((name) => isNamed(name, pattern)));
  if (lost !== undefined)
    throw new ConfigError("config/parameter-groups", {
      where,
      rule: "every pattern must name a parameter",
      got: `"${lost}", which names none of ${names.join(", ")}`,
      fix: "Correct it; a star stands for any characters",
      details: { pattern: lost, names },
    });
}
