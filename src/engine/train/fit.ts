/**
 * @file Trains one network: epochs, validation, the best weights, checkpoints, early stopping. An
 * async iterator of events.
 */

import { RunError } from "../../errors/index.ts";
import type { FormChoice, Step } from "../compile/index.ts";
import type { Resident, Runtime } from "../runtime/index.ts";
import type { EpochRecord, StepsEvent, TrainEvent } from "./events.ts";
import { type Feed, type Slabs, slabAssembler, stepsInCall } from "./feed.ts";
import { nonFiniteStep, nonFiniteValidation } from "./non-finite.ts";
import type { Progress } from "./progress.ts";
import { learningRateInput } from "./step-builder.ts";
import { isFiniteState, openStepRunner, type StepRunner } from "./step-runner.ts";

/** Accuracy and loss on the validation split. */
export interface Validation {
  readonly accuracy: number;
  readonly loss: number;
}

interface FitOptions {
  /** shown in events */
  readonly job: string;
  readonly runtime: Runtime;
  readonly step: Step;
  readonly feed: Feed;
  readonly epochs: number;
  readonly start: Progress;
  /** names of parameters and statistics: what "best weights" keeps */
  readonly weightNames: readonly string[];
  readonly validate: (weights: Readonly<Record<string, Resident>>) => Promise<Validation>;
  /** stop after so many epochs without a better validation accuracy; never by default */
  readonly patience?: number | undefined;
  /** epochs at the beginning that cannot be the best one; default none */
  readonly unrankedEpochs?: number | undefined;
  readonly threads?: number | undefined;
  readonly forms?: FormChoice | undefined;
  /**
   * writes a checkpoint; called at epoch ends and within epochs, not more often than
   * `checkpointSeconds`
   */
  readonly save?: ((progress: Progress) => Promise<void>) | undefined;
  /** default 20 */
  readonly checkpointSeconds?: number | undefined;
  /** aborting finishes the running call, saves, and throws RunError "run/interrupted" */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A call should last about this long: long enough to amortise its cost, short enough to stop soon.
 */
const callMs = 700;

/**
 * @returns progress at the end; its `best` has the weights of the best epoch
 * @throws RunError "run/non-finite" with the last good state saved; "run/interrupted"
 */
export async function* fit(options: FitOptions): AsyncGenerator<TrainEvent, Progress> {
  const { runtime, step, start } = options;
  const runner = await openStepRunner(runtime, step, start.state, {
    threads: options.threads ?? 1,
    forms: options.forms ?? {},
  });
  try {
    return yield* new FitLoop(options, runner).run();
  } finally {
    await runner.close();
  }
}

/** What one call of the runtime came to. */
interface Call {
  /** undefined if not one step was good */
  readonly event?: StepsEvent | undefined;
  readonly failure?: RunError;
  readonly isStateGood?: boolean;
}

/** The moving parts of one fit. */
class FitLoop {
  readonly #options: FitOptions;
  readonly #runner: StepRunner;
  /** a call's slabs must last until it has ended, when those of the next one are there already */
  readonly #assemble: (from: number, count: number) => Promise<Slabs>;
  readonly #totalSteps: number;
  #step: number;
  #history: readonly EpochRecord[];
  #sums: Record<string, number>;
  #best: Progress["best"];
  #chunk = 4;
  #lastSave = performance.now();
  #epochMs: number;

  constructor(options: FitOptions, runner: StepRunner) {
    this.#options = options;
    this.#runner = runner;
    this.#assemble = slabAssembler(options.feed);
    this.#totalSteps = options.epochs * options.feed.stepsPerEpoch;
    this.#step = options.start.step;
    this.#history = options.start.history;
    this.#sums = { ...options.start.epochSums };
    this.#best = options.start.best;
    this.#epochMs = options.start.epochSeconds * 1000;
  }

  async *run(): AsyncGenerator<TrainEvent, Progress> {
    let next = this.#prepare(this.#step);
    try {
      while (!this.#isFinished()) {
        const { slabs, count } = await next;
        const from = this.#step;
        const running = this.#runSteps(slabs, from, count);
        next = this.#prepare(from + count); // assembled while the runtime works
        next.catch(() => undefined); // reported where it is awaited
        const { event, failure, isStateGood } = await running;
        if (event !== undefined) yield event;
        if (failure !== undefined) {
          if (isStateGood === true) yield* this.#save(await this.#progress());
          throw failure;
        }
        if (this.#step % this.#options.feed.stepsPerEpoch === 0) yield await this.#endEpoch();
        yield* this.#checkpoint();
      }
      return this.#progress();
    } finally {
      await next.catch(() => undefined); // nothing goes on behind the back of whoever stops
    }
  }

  /** Training is over after the last epoch, or once patience has run out at an epoch's end. */
  #isFinished(): boolean {
    if (this.#step >= this.#totalSteps) return true;
    const { patience, feed } = this.#options;
    if (patience === undefined || this.#best === null || this.#step % feed.stepsPerEpoch !== 0)
      return false;
    return this.#history.length - this.#best.epoch >= patience;
  }

  async #prepare(from: number): Promise<{ slabs: Slabs; count: number }> {
    const { feed } = this.#options;
    const leftInEpoch = feed.stepsPerEpoch - (from % feed.stepsPerEpoch);
    const fits = Math.min(this.#chunk, leftInEpoch, stepsInCall(feed));
    const count = from >= this.#totalSteps ? 0 : fits;
    return { slabs: await this.#assemble(from, count), count };
  }

  /** Runs a call. @returns the event of its good steps, and what ended it early */
  async #runSteps(slabs: Slabs, from: number, count: number): Promise<Call> {
    const { job, epochs, feed } = this.#options;
    const started = performance.now();
    const { metrics, count: done, bad } = await this.#runner.run(slabs, count);
    const ms = performance.now() - started;
    this.#epochMs += ms;
    const fitting = (callMs * count) / ms;
    // kept while it will do: slabs of equal size are used again
    if (fitting < this.#chunk / 2 || fitting > 2 * this.#chunk)
      this.#chunk = Math.max(1, Math.min(4 * this.#chunk, Math.round(fitting)));
    this.#step += done;
    for (const [name, values] of Object.entries(metrics))
      this.#sums[name] = values.reduce((sum, value) => sum + value, this.#sums[name] ?? 0);
    const batch = feed.inputs[0]!.shape[0]!; // the samples: [batch, ...]
    const event: StepsEvent = {
      type: "steps",
      job,
      from,
      totalSteps: this.#totalSteps,
      epoch: this.#epochOf(from),
      epochs,
      metrics,
      learningRates: (slabs[learningRateInput]!.data as Float32Array).slice(0, done), // declared float32
      samplesPerSecond: (count * batch * 1000) / ms,
    };
    if (bad === undefined) return { event };
    const step = from + bad.row;
    const failure = nonFiniteStep({ job, step, epoch: this.#epochOf(from), bad, feed });
    return { event: done === 0 ? undefined : event, failure, isStateGood: bad.isStateFinite };
  }

  /** @returns from 1 */
  #epochOf(step: number): number {
    return Math.floor(step / this.#options.feed.stepsPerEpoch) + 1;
  }

  async #endEpoch(): Promise<TrainEvent> {
    const { job, epochs, feed, validate, weightNames } = this.#options;
    const { accuracy, loss } = await validate(this.#runner.residents());
    const epoch = this.#history.length + 1;
    if (!Number.isFinite(loss))
      throw nonFiniteValidation({ job, step: this.#step - 1, epoch, loss });
    const train = Object.fromEntries(
      Object.entries(this.#sums).map(([name, sum]) => [name, sum / feed.stepsPerEpoch]),
    );
    const seconds = this.#epochMs / 1000;
    const record = { epoch, train, validationAccuracy: accuracy, validationLoss: loss, seconds };
    const isRanked = epoch > (this.#options.unrankedEpochs ?? 0);
    const isBest = isRanked && (this.#best === null || accuracy > this.#best.accuracy);
    if (isBest) {
      const state = await this.#runner.state();
      this.#best = {
        epoch,
        accuracy,
        weights: new Map([...state].filter(([name]) => weightNames.includes(name))),
      };
    }
    this.#history = [...this.#history, record];
    this.#sums = {};
    this.#epochMs = 0;
    return { type: "epoch", job, epochs, record, isBest };
  }

  async *#checkpoint(): AsyncGenerator<TrainEvent, void> {
    const { job, save, signal, checkpointSeconds = 20 } = this.#options;
    const isStopping = signal?.aborted === true && !this.#isFinished();
    const isDue = performance.now() - this.#lastSave >= checkpointSeconds * 1000;
    if (save !== undefined && (isStopping || isDue)) {
      const progress = await this.#progress();
      // a spoiled state must not replace a good one: the next step will say what is wrong
      if (isFiniteState(progress.state)) yield* this.#save(progress);
    }
    if (isStopping)
      throw new RunError("run/interrupted", {
        where: job,
        rule: `stopped on request after step ${this.#step} of ${this.#totalSteps}`,
        fix: save === undefined ? "Start again" : "Resume to go on from here",
        details: { step: this.#step },
      });
  }

  async *#save(progress: Progress): AsyncGenerator<TrainEvent, void> {
    const { job, save } = this.#options;
    if (save === undefined) return;
    await save(progress);
    this.#lastSave = performance.now();
    yield { type: "checkpoint", job, step: progress.step };
  }

  async #progress(): Promise<Progress> {
    return {
      step: this.#step,
      history: this.#history,
      epochSums: { ...this.#sums },
      epochSeconds: this.#epochMs / 1000,
      best: this.#best,
      state: await this.#runner.state(),
    };
  }
}
