/**
 * @file What training says while it works. The library prints nothing; whoever wants to show or
 * keep this, listens.
 */

/** One finished epoch. */
export interface EpochRecord {
  /** from 1 */
  readonly epoch: number;
  /** mean of each metric over the epoch's steps: "loss", one per term */
  readonly train: Readonly<Record<string, number>>;
  /** share of validation samples classified right, 0 … 1 */
  readonly validationAccuracy: number;
  /** mean cross-entropy on the validation samples at T = 1, nats */
  readonly validationLoss: number;
  /** time spent on training steps, validation left out */
  readonly seconds: number;
}

/** Steps that one call of the runtime ran. */
export interface StepsEvent {
  readonly type: "steps";
  /** which job of the run: "teacher seed 1", "distilled seed 1" */
  readonly job: string;
  /** first step of the call, from 0 */
  readonly from: number;
  /** steps of the whole job */
  readonly totalSteps: number;
  readonly epoch: number;
  readonly epochs: number;
  /** one value per step */
  readonly metrics: Readonly<Record<string, Float32Array>>;
  /** one per step */
  readonly learningRates: Float32Array;
  readonly samplesPerSecond: number;
}

export interface EpochEvent {
  readonly type: "epoch";
  readonly job: string;
  readonly epochs: number;
  readonly record: EpochRecord;
  readonly isBest: boolean;
}

/** Everything up to here is safe on disk. */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly job: string;
  readonly step: number;
}

export type TrainEvent = StepsEvent | EpochEvent | CheckpointEvent;
