/** @file potstill train: its logs, and the combination of a package's members. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { readSafetensors, writeSafetensors } from "../../src/data/index.ts";
import type { Tensor } from "../../src/engine/tensor/index.ts";
import {
  jsonLines,
  potstill,
  resultFilePath,
  start,
  tinyRecipe,
  useFolder,
  writeTable,
} from "../support/command-line.ts";

const folder = useFolder();

beforeEach(() => {
  writeTable(join(folder.path, "data.csv"));
  const two = tinyRecipe.replace("  train:\n", "  train:\n    members: 2\n");
  writeFileSync(join(folder.path, "tiny.yaml"), two);
});

const inFolder = (...names: readonly string[]): string => join(folder.path, ...names);
const trainWords = (out: string, overrides: readonly string[]): readonly string[] => [
  ...["train", "package", "tiny.yaml", ...overrides, "--out", out],
];

async function label(...overrides: readonly string[]): Promise<void> {
  const words = ["label", "tiny.yaml", ...overrides, "--out", "package"];
  expect((await potstill(folder.path, ...words)).code).toBe(0);
}

/** @returns the student's weights */
async function train(out: string, ...overrides: readonly string[]): Promise<string> {
  const { code, stderr } = await potstill(folder.path, ...trainWords(out, overrides));
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
  return readFileSync(inFolder(out, "student.safetensors")).toString("base64");
}

/** Bytes of the curves: they depend on how many there are, not on the time. */
function curveBytes(out: string): number {
  const at = inFolder(out, "tensorboard", "student");
  const files = readdirSync(at).filter((name) => name.startsWith("events.out.tfevents."));
  expect(files).toHaveLength(1);
  return readFileSync(join(at, files[0]!)).length;
}

/** "step,epoch" of every row of metrics.csv */
function steps(out: string): readonly string[] {
  const rows = readFileSync(inFolder(out, "metrics.csv"), "utf8").trimEnd().split("\n").slice(1);
  return rows.map((row) => row.split(",").slice(1, 3).join());
}

test("it leaves the logs of a run; stopped, it goes on with them, and every step stands once", async () => {
  await label();
  const words = ["training.epochs=200", "checkpoints.everySeconds=0", "stepLogs=true"];
  const student = await train("whole", ...words);
  expect(readdirSync(inFolder("whole")).sort()).toEqual([
    "events.jsonl",
    "metrics.csv",
    "student.onnx",
    "student.safetensors",
    "tensorboard",
  ]);
  const lines = jsonLines(inFolder("whole", "events.jsonl"));
  expect(lines.filter(({ type }) => type === "epoch")).toHaveLength(200);
  expect(steps("whole")).toHaveLength(200 * Math.ceil(144 / 16)); // 240 less a quarter, less a fifth
  const top = readdirSync(inFolder("whole", "tensorboard"));
  expect(top.filter((name) => name.startsWith("events.out.tfevents."))).toHaveLength(1);

  const first = start(folder.path, ...trainWords("cut", words));
  await first.said("epoch 20/200");
  first.child.kill("SIGKILL");
  await first.ended;
  const second = start(folder.path, ...trainWords("cut", words));
  await second.said("validation");
  second.child.kill("SIGINT");
  const { stderr } = await second.ended;
  expect(stderr).toContain("To go on: give the same command again");
  expect(await train("cut", ...words)).toBe(student);
  expect(steps("cut")).toEqual(steps("whole"));
  expect(curveBytes("cut")).toBe(curveBytes("whole"));
});

test("what is refused leaves no logs", async () => {
  await label();
  const words = trainWords("refused", ["training.accumulate=7"]);
  const { code, stderr } = await potstill(folder.path, ...words);
  expect(stderr).toContain("accumulate must divide batchSize");
  expect(code).toBe(2);
  expect(folder.files()).toEqual(["data.csv", "package", "tiny.yaml"]);
});

test("a missing package and a folder that holds anything are refused before the data is read", async () => {
  const refusal = async (): Promise<string> => {
    const { code, stderr } = await potstill(folder.path, ...trainWords("out", []));
    expect(code).toBe(2);
    return stderr;
  };
  writeFileSync(inFolder("data.csv"), "of another kind");
  expect(await refusal()).toContain("package: a soft-label package is a folder");
  mkdirSync(inFolder("out", "tensorboard"), { recursive: true });
  writeFileSync(inFolder("out", "metrics.csv"), "of my own");
  expect(await refusal()).toContain("out, which holds metrics.csv, tensorboard.");
  expect(readdirSync(inFolder("out")).sort()).toEqual(["metrics.csv", "tensorboard"]);
  rmSync(inFolder("out"), { recursive: true });
  writeFileSync(inFolder("out"), "");
  expect(await refusal()).toContain(
    "[file/unwritable] out: the folder must be writable, got a file",
  );
});

test("a package's members are combined as the words say, with weights chosen on validation", async () => {
  await label();
  const plain = await train("plain");
  const relative = await train("relative", "teacher.weights=[2,6]");
  expect(relative).not.toBe(plain);
  expect(await train("same", "teacher.weights=[1,3]")).toBe(relative);
  const chosen = await train("chosen", "teacher.weights=validation");
  expect(chosen).not.toBe(plain);
  const both = ["teacher.weights=validation", "teacher.combine=geometric"];
  expect(await train("geometric", ...both)).not.toBe(chosen);
  const teacher = { softLabels: "elsewhere", weights: [2, 6] };
  writeFileSync(inFolder("tiny.yaml"), stringify({ ...parse(tinyRecipe), teacher }));
  expect(await train("recipe")).toBe(relative);
});

test("weights are not chosen from a package without the validation samples", async () => {
  expect((await potstill(folder.path, "distill", "tiny.yaml", "seeds=[1]")).code).toBe(0);
  const package_ = resultFilePath(inFolder("runs/tiny-1"), "soft labels", "package"); // of training samples
  const words = ["train", package_, "tiny.yaml", "teacher.weights=validation", "--out", "student"];
  const { code, stderr } = await potstill(folder.path, ...words);
  expect(stderr).toContain("error [package/no-validation]");
  expect(stderr).toContain("Label again with potstill label");
  expect(code).toBe(2);
});

describe("a package whose numbers are not what it says is refused before training", () => {
  /** Writes other logits into every shard, and the checksums that belong to them. */
  function rewrite(change: (logits: Float32Array, classes: number) => Float32Array): void {
    const manifest = JSON.parse(readFileSync(inFolder("package/manifest.json"), "utf8"));
    for (const shard of manifest.shards) {
      const file = inFolder("package", shard.name);
      const { tensors } = readSafetensors(readFileSync(file), file);
      const logits = tensors.get("logits")! as Tensor<"float32">;
      const data = change(logits.data, manifest.classCount);
      const bytes = writeSafetensors(new Map([...tensors, ["logits", { ...logits, data }]]));
      writeFileSync(file, bytes);
      shard.sha256 = createHash("sha256").update(bytes).digest("hex");
    }
    writeFileSync(inFolder("package/manifest.json"), JSON.stringify(manifest));
  }

  const faults = {
    "check/J6": (logits: Float32Array) => {
      const half = logits.length / 2;
      return Float32Array.of(...logits.subarray(half), ...logits.subarray(0, half));
    },
    "check/J5": (logits: Float32Array, classes: number) =>
      logits.map((_, at) => {
        const row = logits.subarray(at - (at % classes), at - (at % classes) + classes);
        const sum = row.reduce((total, z) => total + Math.exp(z), 0);
        return Math.exp(logits[at]!) / sum;
      }),
  };

  test.each(Object.entries(faults))("%s", async (code, fault) => {
    await label("labels.precision=float32", "--with-inputs");
    rewrite(fault);
    const refusal = async (...words: readonly string[]): Promise<string> => {
      const { code: exit, stderr } = await potstill(folder.path, ...words);
      expect(exit).not.toBe(0);
      return stderr;
    };
    expect(await refusal(...trainWords("student", []))).toContain(`error [${code}]`);
    const weights = ["teacher.weights=[1,3]"];
    const recombined = await refusal(...trainWords("student", weights));
    expect(recombined).toContain("error [package/order]"); // counted before it is combined anew
    const sweep = [
      "sweep",
      "tiny.yaml",
      "teacher={softLabels: package}",
      "distillation.temperature=1,2",
    ];
    expect(await refusal(...sweep, "--seeds", "1")).toContain(code);
    expect(existsSync(inFolder("student"))).toBe(false);
  });
});

describe("a recipe's transfer", () => {
  const transfer = ["withoutClasses=[class2]", "labels=none", "biasCorrection=shared"];
  const shared = transfer.map((words) => `transfer.${words}`);

  test("a student without labels, its biases corrected, is the one of potstill distill", async () => {
    const run = await potstill(folder.path, "distill", "tiny.yaml", "seeds=[1]", ...shared);
    expect(run.code).toBe(0);
    const package_ = resultFilePath(inFolder("runs/tiny-1"), "soft labels", "package");
    const words = ["train", package_, "tiny.yaml", ...shared, "--out", "away"];
    const { code, stderr } = await potstill(folder.path, ...words);
    expect(stderr).not.toContain("error [");
    expect(code).toBe(0);
    const student = readFileSync(inFolder("away", "student.safetensors"));
    expect(student.equals(readFileSync(inFolder("runs/tiny-1/student.safetensors")))).toBe(true);
  });

  test.each([
    ["shared, and no class withheld", ["transfer.biasCorrection=shared"], "a shared bias is"],
    [
      "of an int8 grid",
      [...shared, "training.quantizationAware={}"],
      "a quantised student's ranges do not hold for corrected biases",
    ],
  ])("biases that cannot be corrected are refused at once: %s", async (_, more, rule) => {
    await label();
    const { code, stderr } = await potstill(folder.path, ...trainWords("refused", more));
    expect(stderr).toContain("error [config/conflict] transfer.biasCorrection");
    expect(stderr).toContain(rule);
    expect(code).toBe(2);
    expect(folder.files()).toEqual(["data.csv", "package", "tiny.yaml"]);
  });
});
