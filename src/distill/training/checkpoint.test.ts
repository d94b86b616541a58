/** @file Checkpoints: what they keep, what they clear away, and what they refuse. */

import { describe, expect, test } from "vitest";
import { memoryStore, type Store } from "../../data/index.ts";
import { float32 } from "../../engine/tensor/index.ts";
import type { Progress } from "../../engine/train/index.ts";
import { isDistillError } from "../../errors/index.ts";
import { loadCheckpoint, removeCheckpoints, saveCheckpoint } from "./checkpoint.ts";

const prefix = "jobs/a/checkpoint/";

function progressAt(step: number, bestEpoch?: number): Progress {
  const record = {
    epoch: 1,
    train: { loss: 0.1 + 0.2 },
    validationAccuracy: 0.5,
    validationLoss: 1e-300,
    seconds: 2,
  };
  return {
    step,
    history: [record],
    epochSums: { loss: 1 / 3 },
    epochSeconds: 0.25,
    best:
      bestEpoch === undefined
        ? null
        : {
            epoch: bestEpoch,
            accuracy: 0.5,
            weights: new Map([["w", float32([2], [bestEpoch, -0])]]),
          },
    state: new Map([
      ["w", float32([2], [step, 1e-45])],
      ["momentum:w", float32([2], [0.1, -step])],
    ]),
  };
}

const namesIn = async (store: Store) =>
  (await store.list(prefix)).map((name) => name.slice(prefix.length));

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    (error) => (isDistillError(error) ? error.message : String(error)),
  );
}

test("gives back every number that it was given, and the caller's own", async () => {
  const store = memoryStore();
  await saveCheckpoint(store, prefix, progressAt(17, 1), { identity: "job", extra: { bytes: 12 } });
  const loaded = await loadCheckpoint(store, prefix);
  expect(loaded).toEqual({ progress: progressAt(17, 1), identity: "job", extra: { bytes: 12 } });
});

test("there is none in an empty store", async () => {
  expect(await loadCheckpoint(memoryStore(), prefix)).toBeUndefined();
});

describe("what stays", () => {
  test("the last k states, and the best weights beside them", async () => {
    const store = memoryStore();
    for (const [step, best] of [
      [10, undefined],
      [20, 1],
      [30, 1],
      [40, 2],
      [50, 2],
    ] as const)
      await saveCheckpoint(store, prefix, progressAt(step, best), { keep: 3 });
    expect(await namesIn(store)).toEqual([
      "best-epoch-2.safetensors",
      "checkpoint.json",
      "step-000000030.safetensors",
      "step-000000040.safetensors",
      "step-000000050.safetensors",
    ]);
  });

  test("one by default", async () => {
    const store = memoryStore();
    for (const step of [9, 10, 1000]) await saveCheckpoint(store, prefix, progressAt(step, 1));
    expect(await namesIn(store)).toEqual([
      "best-epoch-1.safetensors",
      "checkpoint.json",
      "step-000001000.safetensors",
    ]);
  });

  test("a later step's leftover of a run that died is cleared away, and not taken for the newest", async () => {
    const store = memoryStore();
    await saveCheckpoint(store, prefix, progressAt(30));
    await store.write(`${prefix}step-000000050.safetensors`, Uint8Array.of(1)); // died before checkpoint.json
    await saveCheckpoint(store, prefix, progressAt(40));
    expect(await namesIn(store)).toEqual(["checkpoint.json", "step-000000040.safetensors"]);
    expect((await loadCheckpoint(store, prefix))?.progress.step).toBe(40);
  });

  test("such a leftover does not count among the states to keep", async () => {
    const store = memoryStore();
    await saveCheckpoint(store, prefix, progressAt(30), { keep: 2 });
    await store.write(`${prefix}step-000000050.safetensors`, Uint8Array.of(1));
    await saveCheckpoint(store, prefix, progressAt(40), { keep: 2 });
    expect(await namesIn(store)).toEqual([
      "checkpoint.json",
      "step-000000030.safetensors",
      "step-000000040.safetensors",
    ]);
  });

  test("nothing after removal, and nothing else is touched", async () => {
    const store = memoryStore();
    await saveCheckpoint(store, prefix, progressAt(30, 1));
    await saveCheckpoint(store, "jobs/ab/checkpoint/", progressAt(30, 1));
    await removeCheckpoints(store, prefix);
    expect(await namesIn(store)).toEqual([]);
    expect(await store.list("jobs/ab/")).toHaveLength(3);
  });
});

describe("damage is named and refused", () => {
  test.each([
    ["step-000000030.safetensors", "another checksum"],
    ["best-epoch-1.safetensors", "another checksum"],
  ])("one bit of %s", async (name, got) => {
    const store = memoryStore();
    await saveCheckpoint(store, prefix, progressAt(30, 1));
    const bytes = (await store.read(prefix + name))!;
    bytes[bytes.length - 1]! ^= 1;
    await store.write(prefix + name, bytes);
    expect(await refusal(loadCheckpoint(store, prefix))).toBe(
      `memory/${prefix}${name}: a checkpoint's files must be as they were written, got ${got}. Start again in another folder, or restore the file.`,
    );
  });

  test("a file that is gone", async () => {
    const store = memoryStore();
    await saveCheckpoint(store, prefix, progressAt(30, 1));
    await store.remove(`${prefix}step-000000030.safetensors`);
    expect(await refusal(loadCheckpoint(store, prefix))).toContain(
      "step-000000030.safetensors: a checkpoint's files must be as they were written, got no such file",
    );
  });

  test.each(["", "{", "null", "[]", '{"format":"potstill-checkpoint-0"}'])(
    "checkpoint.json = %j",
    async (text) => {
      const store = memoryStore();
      await store.write(`${prefix}checkpoint.json`, new TextEncoder().encode(text));
      expect(await refusal(loadCheckpoint(store, prefix))).toContain(
        "checkpoint.json: a checkpoint's files must be as they were written, got something else",
      );
    },
  );
});
