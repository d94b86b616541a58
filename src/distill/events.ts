/** @file Everything that a distillation run says while it works. */

import type { TrainEvent } from "../engine/train/index.ts";
import type { GenerateEvent } from "./data-free/generate-samples.ts";
import type { LabelEvent } from "./label.ts";
import type { SelfCheck } from "./options.ts";
import type { RecognitionEvent } from "./recognition/index.ts";
import type { SearchEvent } from "./search/search-student.ts";
import type { TaskEvent } from "./tasks/execute.ts";

/** A training begins. */
export interface JobStartEvent {
  readonly type: "job-start";
  readonly job: string;
  /** id of the task that it is done for; absent for a training of no plan */
  readonly task?: string;
  /** from 1 */
  readonly number: number;
  /** trainings in the whole run */
  readonly total: number;
}

export interface JobEndEvent {
  readonly type: "job-end";
  readonly job: string;
  readonly validationAccuracy: number;
  readonly bestEpoch: number;
}

export interface CheckEvent {
  readonly type: "check";
  readonly check: SelfCheck;
}

export type DistillEvent =
  | TrainEvent
  | LabelEvent
  | GenerateEvent
  | JobStartEvent
  | JobEndEvent
  | CheckEvent
  | SearchEvent
  | RecognitionEvent
  | TaskEvent;
