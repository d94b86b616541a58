/** @file A plan: tasks, each after those that it needs, and which of their results are wanted. */

import * as z from "zod";
import type { Json } from "../../data/index.ts";
import { ConfigError, DataError } from "../../errors/index.ts";
import { type Task, taskId } from "./task.ts";

export interface PlannedTask extends Task {
  readonly id: string;
  /** for people: "distilled/seed-1". It is no part of the id */
  readonly name: string;
}

export interface Plan {
  /** each once, and after all that it needs */
  readonly tasks: readonly PlannedTask[];
  /** ids of the tasks whose results somebody wants to read */
  readonly wanted: readonly string[];
}

export interface PlanBuilder {
  /**
   * @returns the task's id; a task that is there already is the same one, under its first name
   * @throws ConfigError "plan/not-json"; "plan/unknown-need" for a need that was not added before
   */
  readonly add: (name: string, task: Task) => string;
  /** @throws ConfigError "plan/unknown-need" for an id that was not added */
  readonly plan: (wanted: readonly string[]) => Plan;
}

/** Tasks are added after those that they need; a circle cannot be written down. */
export function buildPlan(): PlanBuilder {
  const tasks = new Map<string, PlannedTask>();
  const assertKnown = (where: string, ids: readonly string[]): void => {
    const unknown = ids.find((id) => !tasks.has(id));
    if (unknown !== undefined) throw unknownNeed(where, unknown);
  };
  return {
    add: (name, task) => {
      assertKnown(name, Object.values(task.needs).flat());
      const id = taskId(task);
      if (!tasks.has(id)) tasks.set(id, { ...task, id, name });
      return id;
    },
    plan: (wanted) => {
      assertKnown("plan", wanted);
      return { tasks: [...tasks.values()], wanted: [...new Set(wanted)] };
    },
  };
}

/** @returns a plan that does what all of them do, and what they share once */
export function mergePlans(plans: readonly Plan[]): Plan {
  const builder = buildPlan();
  for (const { tasks } of plans) for (const task of tasks) builder.add(task.name, task);
  return builder.plan(plans.flatMap(({ wanted }) => wanted));
}

const json: z.ZodType<Json> = z.json();

const planSchema = z.strictObject({
  format: z.literal("potstill-plan-1"),
  tasks: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{64}$/),
      name: z.string(),
      kind: z.string(),
      version: z.int(),
      spec: json,
      needs: z.record(z.string(), z.array(z.string())),
    }),
  ),
  wanted: z.array(z.string()),
});

/** @returns the plan as a file's text */
export function writePlan({ tasks, wanted }: Plan): string {
  return `${JSON.stringify({ format: "potstill-plan-1", tasks, wanted }, null, 1)}\n`;
}

/**
 * @param where shown in messages
 * @throws DataError "plan/malformed" for a text that is no plan, and for a task that is not what
 *   its id says: it was edited
 */
export function readPlan(text: string, where: string): Plan {
  const builder = buildPlan();
  try {
    const { tasks, wanted } = planSchema.parse(JSON.parse(text));
    for (const { name, id, ...task } of tasks)
      if (builder.add(name, task) !== id) throw malformed(where, `${name}, whose id is another's`);
    return builder.plan(wanted);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw malformed(where, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function malformed(where: string, got: string, cause?: unknown): DataError {
  return new DataError("plan/malformed", {
    where,
    rule: "a plan is a list of tasks, each after those that it needs, under the hash of its words",
    got,
    fix: "Plan again from the recipe: a plan is not edited by hand",
    cause,
  });
}

function unknownNeed(where: string, id: string): ConfigError {
  return new ConfigError("plan/unknown-need", {
    where,
    rule: "what a task needs must be in the plan before it",
    got: id.slice(0, 12),
    fix: "Add the task that makes it first",
    details: { id },
  });
}
