/** @file A model of standardised frames on recordings of another level than it was trained on. */

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { readModel } from "../../src/distill/index.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { npy } from "../support/npy.ts";

const folder = useFolder();
const mels = 40;
const frames = 30;

interface Recorded {
  readonly recordings: number;
  /** share of frames in state 1, whose features are 6 higher than those of state 0 */
  readonly share: number;
  readonly seed: string;
}

/** Writes PART-f.npy and so on. @returns its fields in a recipe */
function write(part: string, { recordings, share, seed }: Recorded): string {
  const count = recordings * frames;
  const states = Int32Array.from({ length: count }, (_, at) =>
    at % frames < share * frames ? 1 : 0,
  );
  const noise = randomStream(seed, 1);
  const features = new Float32Array(count * mels).map(
    (_, at) => 10 + 6 * states[Math.floor(at / mels)]! + 0.2 * noise.normal(),
  );
  return writePart(part, features, states);
}

function writePart(part: string, features: Float32Array, states: Int32Array): string {
  const name = (what: string): string => `${part}-${what}.npy`;
  const put = (what: string, bytes: Uint8Array): void =>
    writeFileSync(`${folder.path}/${name(what)}`, bytes);
  const count = states.length / frames;
  put("f", npy("f4", [states.length, mels], features));
  put("s", npy("i4", [states.length], states));
  put("n", npy("i4", [count], new Int32Array(count).fill(frames)));
  return `features: ${name("f")}, labels: ${name("s")}, lengths: ${name("n")}`;
}

const context = ", classNames: [low, high], context: { before: 1, after: 0 }";
const frameData = (fields: string, more = context): string =>
  `{ source: frames, ${fields}, logMel: speech${more} }`;

const recipe = (data: string): string => `name: level
data: ${data}
split: { validation: 0.25, by: group, seed: 1 }
student: { family: mlp, hidden: [8] }
teacher: { train: { network: { family: mlp, hidden: [8] }, training: { epochs: 15, batchSize: 16, learningRate: 0.01 } } }
training: { epochs: 15, batchSize: 16, learningRate: 0.01 }
seeds: [1]
`;

/** half of the frames are in each state; of the others nearly all in state 1 */
let balanced: string;
let high: string;
const student = "runs/level-1/student.safetensors";
beforeEach(async () => {
  balanced = write("balanced", { recordings: 8, share: 0.5, seed: "balanced" });
  high = write("high", { recordings: 8, share: 0.9, seed: "high" });
  const test = write("test", { recordings: 3, share: 0.5, seed: "test" });
  writeFileSync(
    `${folder.path}/r.yaml`,
    recipe(frameData(balanced, `${context}, test: { ${test} }`)),
  );
  const { code, stderr } = await potstill(folder.path, "distill", "r.yaml");
  expect(stderr).not.toContain("error [");
  expect(code).toBe(0);
});

const modelAt = (file: string) => readModel(readFileSync(`${folder.path}/${file}`), file);

async function evaluated(model: string, data: string): Promise<unknown> {
  const { stdout, stderr } = await potstill(
    folder.path,
    ...["evaluate", model, "--data", data, "--json"],
  );
  expect(stderr).not.toContain("error [");
  return JSON.parse(stdout);
}

const dataOf = (file: string): ArrayBuffer =>
  new Uint8Array(readFileSync(`${folder.path}/${file}`).subarray(128)).buffer;

/** The balanced recordings, and two of nothing but copies of the first's first half: state 1. */
function withTwoMore(): string {
  const features = new Float32Array(dataOf("balanced-f.npy"));
  const states = new Int32Array(dataOf("balanced-s.npy"));
  const chosen = Int32Array.from({ length: 10 * frames }, (_, at) =>
    at < states.length ? at : at % (frames / 2),
  );
  const copied = Array.from(chosen, (at) => features.subarray(at * mels, (at + 1) * mels));
  return writePart(
    "more",
    Float32Array.from(copied.flatMap((frame) => [...frame])),
    chosen.map((at) => states[at]!),
  );
}

describe("a model says by what its frames were standardised", () => {
  test("so it is evaluated on others alone, from either file", async () => {
    const { mean, deviation } = modelAt(student).frames!.standardization!;
    expect(mean).toHaveLength(mels);
    expect(mean[0]).toBeCloseTo(13, 0); // 10 and 16, by halves, over so few frames
    expect(deviation[0]).toBeCloseTo(3, 0);
    const bare = frameData(high, ", classNames: [low, high]"); // in the model's context
    const alone = await evaluated(student, bare);
    expect(alone).toMatchObject({ samples: 240, accuracy: 1 });
    const beside = await evaluated(student, frameData(balanced, `${context}, test: { ${high} }`));
    const { data: _, ...numbers } = beside as { readonly data: string };
    expect(alone).toMatchObject(numbers);
    const { negativeLogLikelihood: likelihood } = alone as { negativeLogLikelihood: number };
    const likely = async (file: string): Promise<number> =>
      ((await evaluated(file, bare)) as { negativeLogLikelihood: number }).negativeLogLikelihood;
    expect(await likely("runs/level-1/exports/student.onnx")).toBeCloseTo(likelihood, 5); // float32 sums
    const int8 = ["export", student, "--format", "onnx-int8", "--calibration", "r.yaml"];
    expect((await potstill(folder.path, ...int8, "--out", "int8")).code).toBe(0);
    expect(await likely("int8/student.int8.onnx")).toBeCloseTo(likelihood, 2); // int8 logits
  });

  test("so it teaches others, and its student sees them as it does", async () => {
    const file = "runs/level-1/teacher.safetensors";
    const teacher = `teacher={ checkpoint: ${file} }`;
    writeFileSync(`${folder.path}/other.yaml`, recipe(frameData(high)));
    const words = ["other.yaml", teacher, "training.epochs=2"];
    const distilled = await potstill(folder.path, "distill", ...words, "split.test=0.25");
    expect(distilled.stderr).not.toContain("error [");
    expect(modelAt("runs/level-2/student.safetensors").frames).toEqual(modelAt(file).frames);
    // a package of its labels is found again by the samples, without the teacher
    const labelled = await potstill(folder.path, "label", ...words, "--out", "package");
    expect(labelled.stderr).not.toContain("error [");
    const away = ["other.yaml", "training.epochs=2", "--out", "away"];
    const trained = await potstill(folder.path, "train", "package", ...away);
    expect(trained.stderr).not.toContain("error [");
    expect(trained.code).toBe(0);
    expect(modelAt("away/student.safetensors").frames).toEqual(modelAt(file).frames);
    // points whose samples are not the same are no comparison
    const axis = `${teacher},{ train: { network: { family: mlp, hidden: [8] }, training: { epochs: 1 } } }`;
    const sweep = await potstill(folder.path, "sweep", "other.yaml", axis, "--seeds", "1");
    expect(sweep.stderr).toContain("points must be compared on the same validation samples");
    expect(sweep.code).toBe(2);
    // what a file is, the recipe says, not its name
    copyFileSync(`${folder.path}/runs/level-1/exports/student.onnx`, `${folder.path}/T.ONNX`);
    const named = ["other.yaml", "teacher={ model: T.ONNX }", "--out", "named"];
    const asked = await potstill(folder.path, "label", ...named);
    expect(asked.stderr).not.toContain("error [");
    const manifest = JSON.parse(readFileSync(`${folder.path}/named/manifest.json`, "utf8"));
    expect(manifest.frames).toEqual(modelAt(student).frames);
    // two that want other samples are not asked about one
    const two =
      "teacher={ ensemble: [{ checkpoint: runs/level-3/teacher.safetensors }, { model: T.ONNX }] }";
    expect((await potstill(folder.path, "distill", "other.yaml", "split.test=0.25")).code).toBe(0);
    const mixed = await potstill(folder.path, "label", "other.yaml", two, "--out", "mixed");
    expect(mixed.stderr).toContain(
      "runs/level-3/teacher.safetensors and T.ONNX, which were trained",
    );
    expect(mixed.code).toBe(2);
  });

  test("so C hears as it was trained, whatever it is calibrated on", async () => {
    const unlike = withTwoMore();
    const tables = async (fields: string, out: string): Promise<string> => {
      const words = ["export", student, "--format", "c", "--calibration", frameData(fields)];
      const { code, stderr } = await potstill(folder.path, ...words, "--out", out);
      expect(stderr).not.toContain("error [");
      expect(code).toBe(0);
      return readFileSync(`${folder.path}/${out}/student_front_end.c`, "utf8");
    };
    expect(await tables(unlike, "b")).toBe(await tables(balanced, "a"));
    const raw = frameData(balanced, ", standardize: false");
    const words = ["export", student, "--format", "c", "--calibration", raw, "--out", "c"];
    expect((await potstill(folder.path, ...words)).stderr).toContain("[config/conflict]");
  });
});
