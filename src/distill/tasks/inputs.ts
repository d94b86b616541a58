/**
 * @file What tasks name by a hash and a process holds: data sets, teachers, models, packages and
 * functions. A spec says "data:HASH"; whoever planned has put in what that is.
 */

import type { Dataset, SoftLabels } from "../../data/index.ts";
import { RunError } from "../../errors/index.ts";
import { sha256Hex } from "../../hash/index.ts";
import type { DistillationLoss } from "../objective.ts";
import type { RecognitionOptions } from "../recognition/recognition-options.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { type Model, modelHash } from "../training/model-file.ts";
import { canonicalJson } from "./task.ts";

interface InputKinds {
  readonly data: Dataset;
  readonly teacher: Teacher;
  readonly model: Model;
  readonly package: SoftLabels;
  readonly loss: DistillationLoss;
  readonly recognition: RecognitionOptions;
}

type InputKind = keyof InputKinds;

/** A reference in a spec: the kind, and the hash of the content. */
export type InputRef<K extends InputKind = InputKind> = `${K}:${string}`;

export class TaskInputs {
  readonly #values = new Map<string, InputKinds[InputKind]>();
  readonly #ofDatasets = new WeakMap<Dataset, InputRef<"data">>();

  /** Everything that a training or a package may take from it, its name left out. */
  dataset(dataset: Dataset): InputRef<"data"> {
    const known = this.#ofDatasets.get(dataset);
    if (known !== undefined) return known;
    const { text, frames, shuffle, teacherInputs, recordings } = dataset;
    const { groups, wholeGroups, localGroups } = dataset;
    const facts = {
      ...{ hash: dataset.hash(), text, frames, groups, wholeGroups, localGroups },
      ...{ shuffle: plain(shuffle), recordings: plain(recordings) },
      ...(teacherInputs && { teacherInputs: sampleFacts(teacherInputs, dataset.length) }),
    };
    const ref = this.#add("data", hashOf(facts), dataset);
    this.#ofDatasets.set(dataset, ref);
    return ref;
  }

  /** The same hash means the same answers, as `Teacher.hash` says. */
  teacher(teacher: Teacher): InputRef<"teacher"> {
    return this.#add("teacher", teacher.hash, teacher);
  }

  model(model: Model): InputRef<"model"> {
    return this.#add("model", modelHash(model), model);
  }

  package(softLabels: SoftLabels): InputRef<"package"> {
    const { createdBy: _, ...manifest } = softLabels.manifest;
    return this.#add("package", hashOf(manifest), softLabels);
  }

  /** @param graph the loss as a graph's text */
  loss(loss: DistillationLoss, graph: string): InputRef<"loss"> {
    return this.#add("loss", sha256Hex(new TextEncoder().encode(graph)), loss);
  }

  recognition(options: RecognitionOptions): InputRef<"recognition"> {
    return this.#add("recognition", hashOf({ options: plain(options) }), options);
  }

  /** @throws RunError "plan/unknown-input" where another process has planned */
  get<K extends InputKind>(ref: InputRef<K>): InputKinds[K] {
    const found = this.#values.get(ref);
    if (found !== undefined) return found as InputKinds[K]; // added under its kind
    throw new RunError("plan/unknown-input", {
      where: "plan",
      rule: "what a task names by its hash must be in the process that does it",
      got: ref.slice(0, 24),
      fix: "Plan again here, from the same recipe and the same data",
    });
  }

  #add<K extends InputKind>(kind: K, hash: string, value: InputKinds[K]): InputRef<K> {
    const ref = `${kind}:${hash}` as const;
    if (!this.#values.has(ref)) this.#values.set(ref, value);
    return ref;
  }
}

function sampleFacts(
  { dtype, shape, preprocessing, key }: NonNullable<Dataset["teacherInputs"]>,
  length: number,
): object {
  const keys = Array.from({ length }, (_, at) => key(at)).join();
  return { dtype, shape, preprocessing, keys: sha256Hex(new TextEncoder().encode(keys)) };
}

function hashOf(facts: object): string {
  return sha256Hex(new TextEncoder().encode(canonicalJson(facts, "input")));
}

/** @returns the value with hashes of typed arrays in their place */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value))
    return sha256Hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof Map || value instanceof Set) return Array.from(value, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, plain(own)]));
}
