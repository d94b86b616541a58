/**
 * @file The pieces of work that a sweep is cut into. Each is plain data, does not depend on who
 * does it, and leaves its result in a folder named by everything that it depends on.
 */

import { createHash } from "node:crypto";
import type { CombineMethod } from "../../../data/index.ts";
import type { Recipe } from "../../spec/index.ts";
import type { SettledCombination } from "./combination.ts";

/** The teacher's networks are trained; where all are files there is nothing to do. */
export interface TeacherTask {
  readonly kind: "teacher";
  readonly folder: string;
  readonly recipe: Recipe;
}

/** The teacher's soft labels are written. */
export interface LabelsTask {
  readonly kind: "labels";
  readonly folder: string;
  readonly recipe: Recipe;
  /** of the task that trained the teacher; null for one that is a file */
  readonly teacher: string | null;
}

/** The weights of the teacher's members are chosen on the validation samples. */
export interface WeightsTask extends Omit<LabelsTask, "kind"> {
  readonly kind: "weights";
}

/** A student is trained. */
export interface StudentTask {
  readonly kind: "student";
  readonly folder: string;
  /** with the learning rate and the epochs of this training in it */
  readonly recipe: Recipe;
  readonly seed: number;
  /** null: hard labels alone */
  readonly labels: LabelsOfStudent | null;
}

/** The soft labels that a student is trained from. */
export type LabelsOfStudent =
  /** of the sweep, and how it combines their members; empty: as the package says */
  | {
      readonly isOwn: true;
      readonly folder: string;
      readonly combination: SettledCombination;
    }
  /** the package that the recipe names, combined as the recipe says */
  | { readonly isOwn: false; readonly folder: string };

/** Folders are below the sweep's own, the same for whoever works on it. */
export type Task = TeacherTask | LabelsTask | WeightsTask | StudentTask;

/** result.json of a task. */
export interface StudentResult {
  readonly kind: "student";
  /** a character for each validation sample, 1 where correct */
  readonly correct: string;
  /** validation accuracy after each epoch */
  readonly curve: readonly number[];
  readonly bestEpoch: number;
  readonly seconds: number;
  readonly parameters: number;
  readonly macs: number;
  readonly bytes: number;
}

/** For each way to combine the members, the weights with the smallest negative log-likelihood. */
export interface WeightsResult {
  readonly kind: "weights";
  readonly weights: Readonly<Record<CombineMethod, readonly number[]>>;
}

export type TaskResult =
  | StudentResult
  | WeightsResult
  | { readonly kind: "teacher" | "labels" }
  /** a training whose loss became infinite: part of the answer, not done again */
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

export const resultName = "result.json";

/** @returns where a task lies: a name of everything that its result depends on */
export function taskFolder(kind: Task["kind"], facts: readonly unknown[]): string {
  const words = JSON.stringify([kind, ...facts]);
  return `tasks/${kind}-${createHash("sha256").update(words).digest("hex").slice(0, 16)}`;
}
