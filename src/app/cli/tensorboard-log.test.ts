import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DistillEvent } from "../../distill/index.ts";
import { openTensorboardLog } from "./tensorboard-log.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "board-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Fields of a message by number: the last of each, or all of those in `repeated`. */
function fields(bytes: Uint8Array): Map<number, (Uint8Array | number | bigint | string)[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, (Uint8Array | number | bigint | string)[]>();
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const value =
      wire === 0
        ? reader.int64()
        : wire === 1
          ? reader.double()
          : wire === 5
            ? reader.float()
            : reader.bytes();
    found.set(field, [...(found.get(field) ?? []), value]);
  }
  return found;
}

const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);

/** "step tag value" of every scalar of a folder's file, in order; checks the first event. */
function curves(name: string): string[] {
  const path = join(folder, "tensorboard", name);
  const [file, ...others] = readdirSync(path).filter((one) =>
    one.startsWith("events.out.tfevents."),
  );
  expect(others).toEqual([]);
  const bytes = new Uint8Array(readFileSync(join(path, file!)));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: Map<number, unknown[]>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    events.push(fields(bytes.subarray(at + 12, at + 12 + length)));
    at += 16 + length;
  }
  expect(text(events[0]!.get(3)![0])).toBe("brain.Event:2");
  return events.slice(1).flatMap((event) => {
    const step = Number(event.get(2)?.[0] ?? 0);
    const values = fields(event.get(5)![0] as Uint8Array).get(1)!;
    return values.map((value) => {
      const parts = fields(value as Uint8Array);
      const content = parts.get(2)?.[0] ?? text(fields(parts.get(8)![0] as Uint8Array).get(8)![0]);
      return `${step} ${text(parts.get(1)![0])} ${content}`;
    });
  });
}

function steps(job: string, from: number, count: number): DistillEvent {
  const loss = Float32Array.from({ length: count }, (_, i) => (from + i) / 4);
  return {
    type: "steps",
    job,
    from,
    totalSteps: 4,
    epoch: 1,
    epochs: 1,
    metrics: { loss, soft: loss.map((value) => 2 * value) },
    learningRates: new Float32Array(count).fill(0.5),
    samplesPerSecond: 100,
  };
}

function epoch(job: string): DistillEvent {
  const record = { epoch: 1, train: {}, validationAccuracy: 0.75, validationLoss: 1.5, seconds: 1 };
  return { type: "epoch", job, epochs: 1, record, isBest: true };
}

const expected = [
  "0 train/loss 0",
  "0 train/soft 0",
  "0 learningRate 0.5",
  "1 train/loss 0.25",
  "1 train/soft 0.5",
  "1 learningRate 0.5",
  "2 train/loss 0.5",
  "2 train/soft 1",
  "2 learningRate 0.5",
  "2 validation/accuracy 0.75",
  "2 validation/loss 1.5",
];

test("every step's terms and learning rate, the validation after each epoch, a folder a job", () => {
  const log = openTensorboardLog(folder, [], "name: a\nseeds: [1]\n");
  for (const job of ["teacher", "distilled/seed-1"])
    for (const event of [steps(job, 0, 2), steps(job, 2, 1), epoch(job)]) log.add(event);
  log.close();
  expect(curves(".")).toEqual(["0 recipe     name: a\n    seeds: [1]\n    "]);
  expect(curves("teacher")).toEqual(expected);
  expect(curves("distilled/seed-1")).toEqual(expected);
});

test("after a resume every step stands once, whatever had been written beyond the checkpoint", () => {
  const first = openTensorboardLog(folder, [], "name: a\n");
  for (const event of [steps("teacher", 0, 2), steps("teacher", 2, 2)]) first.add(event);
  first.sync(); // and then a crash: the checkpoint is after step 1
  const stays = JSON.parse(
    JSON.stringify([steps("teacher", 0, 2)], (_, value) =>
      value instanceof Float32Array ? [...value] : value,
    ),
  ) as DistillEvent[]; // as events.jsonl gives them back
  const second = openTensorboardLog(folder, stays, "name: a\n");
  for (const event of [steps("teacher", 2, 1), epoch("teacher")]) second.add(event);
  second.close();
  expect(curves("teacher")).toEqual(expected);
});
