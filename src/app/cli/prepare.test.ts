/** @file What of a recipe's two inputs a run reads, and is known by. */

import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { tinyRecipe, useFolder, writeTable } from "../../../test/support/command-line.ts";
import { seenByTeacher } from "../../data/index.ts";
import { folderStore } from "../../data/sources/index-node.ts";
import {
  functionTeacher,
  labelAll,
  type Model,
  networkOf,
  writeModel,
} from "../../distill/index.ts";
import { failure } from "../../distill/small-problem.cases.ts";
import { initialParameters } from "../../engine/nn/index.ts";
import { parseRecipe, type Recipe } from "../spec/index.ts";
import { dataKey } from "./data-encoding.ts";
import { openTeacher } from "./open-teacher.ts";
import { prepareData } from "./prepare.ts";
import { studentStart } from "./student-start.ts";
import { prepareSweep } from "./sweep/conduct-sweep.ts";

const folder = useFolder();
const at = (name: string): string => join(folder.path, name);

/** The small recipe on two columns, its teacher on another table. */
function paired(table: string, more = ""): Recipe {
  const poor = `data: { source: csv, file: "${at("data.csv")}", columns: [c, d] }`;
  const inputs = `teacherInputs: { source: csv, file: "${at(table)}" }`;
  const text = tinyRecipe.replace(/data: .*/, `${poor}\n${inputs}`);
  return parseRecipe(`${text}${more}`, "pairs.yaml");
}

function writeTables(): void {
  writeTable(at("data.csv"));
  writeTable(at("full.csv"));
  writeTable(at("other.csv"), (rows) => {
    rows[1] = rows[1]!.replace(/^[^,]*/, "5");
  });
}

test("parts are those of the student's table; a run is known by both", async () => {
  writeTables();
  const [first, other] = [
    await prepareData(paired("full.csv")),
    await prepareData(paired("other.csv")),
  ];
  const { teacherInputs: _, ...alone } = paired("full.csv");
  const plain = await prepareData(alone);
  for (const part of ["train", "validation", "test"] as const) {
    expect(first.parts[part]!.hash()).toBe(plain.parts[part]!.hash());
    expect(seenByTeacher(first.parts[part]!).shape).toEqual([4]);
  }
  expect(new Set([plain.hash, first.hash, other.hash]).size).toBe(3);
  const keys = await Promise.all([alone, paired("full.csv"), paired("other.csv")].map(dataKey));
  expect(new Set(keys).size).toBe(3);
});

test("with soft labels the teacher's table need not be there", async () => {
  writeTables();
  const { parts } = await prepareData(paired("full.csv"));
  const ask = async ({ keys }: { readonly keys: readonly string[] }) => ({
    logits: keys.map(() => [3, 0, 0]),
  });
  const teacher = functionTeacher({ name: "f", hash: "f", classCount: 3, ask });
  await labelAll({ teacher, dataset: parts.train, store: await folderStore(at("package")) });
  rmSync(at("full.csv"));
  const recipe = { ...paired("full.csv"), teacher: { softLabels: at("package") } };
  const { parts: own } = await prepareData(recipe);
  expect(own.train.teacherInputs).toBeUndefined();
  expect(own.train.hash()).toBe(parts.train.hash());
  expect(existsSync(at("full.csv"))).toBe(false);
});

/** Writes a network of random weights for such samples. */
function modelFile(name: string, about: Pick<Model, "sample" | "classNames" | "text">): string {
  const spec = { family: "mlp", hidden: [4] } as const;
  const described = { spec, preprocessing: { scale: 1, offset: 0 }, ...about };
  const weights = initialParameters(networkOf(described).parameters, 1);
  writeFileSync(at(name), writeModel({ ...described, weights }));
  return at(name);
}

test("a teacher from a file must be made for its own inputs, not for the student's", async () => {
  writeTables();
  const { parts } = await prepareData(paired("full.csv"));
  const { classNames } = parts.train;
  const training = { epochs: 1 };
  const opened = async (size: number): Promise<string> => {
    const sample = { dtype: "float32", shape: [size] } as const;
    const checkpoint = modelFile(`teacher-${size}.safetensors`, { sample, classNames });
    const runtime = undefined as never; // nothing runs
    const teacher = { specialists: { generalist: { checkpoint }, training, count: 1 } };
    const context = { runtime, parts, threads: 1, softLabels: null };
    return openTeacher({ teacher }, context).then(
      ({ kind }) => kind,
      ({ code }) => code,
    );
  };
  expect([await opened(4), await opened(2)]).toEqual(["specialists", "teacher/input-shape"]);
});

test("text of the teacher's inputs is numbered as the teacher's was", async () => {
  const lines = [...Array(40).keys()].map((line) => [
    `${line}.5`,
    `word${line} the`,
    "ab"[line % 2],
  ]);
  const cells = lines.map((line) => line.join(","));
  writeFileSync(at("data.csv"), `x,said,class\n${cells.join("\n")}\n`);
  const words = [...Array(40).keys()].map((line) => `word${39 - line}`);
  const vocabulary = ["", "?", ...words];
  const checkpoint = modelFile("teacher.safetensors", {
    ...{ sample: { dtype: "int32", shape: [3] }, classNames: ["a", "b"] },
    text: { vocabulary, length: 3 },
  });
  const { train } = (
    await prepareData({
      ...paired("full.csv"),
      ...{ data: { source: "csv", file: at("data.csv"), ignore: ["said"] } },
      teacherInputs: { source: "text", file: at("data.csv"), text: "said" },
      teacher: { checkpoint },
    })
  ).parts;
  expect([train.shape, train.teacherInputs?.text?.vocabulary]).toEqual([[1], vocabulary]);
});

test("augmented views of pairs are refused with the data, before any teacher is there", async () => {
  writeTables();
  const labels = { views: 2, augmentation: { shift: 1 } } as const;
  const { code, message } = await failure(prepareData({ ...paired("full.csv"), labels }));
  expect(code).toBe("config/conflict");
  expect(message).toContain("got an augmentation of the views, with the teacher inputs full.csv");
});

test("classes have the order of a teacher that numbers text, in both", async () => {
  const cells = [...Array(40).keys()].map((line) => `${line}.5,word${line},${"ab"[line % 2]}`);
  writeFileSync(at("data.csv"), `x,said,class\n${cells.join("\n")}\n`);
  const checkpoint = modelFile("turned.safetensors", {
    ...{ sample: { dtype: "int32", shape: [3] }, classNames: ["b", "a"] },
    text: { vocabulary: ["", "?", ...cells.map((_, line) => `word${line}`)], length: 3 },
  });
  const recipe = (data: object): Recipe => ({
    ...paired("full.csv"),
    data: { source: "csv", file: at("data.csv"), ignore: ["said"], ...data },
    teacherInputs: { source: "text", file: at("data.csv"), text: "said" },
    teacher: { checkpoint },
  });
  const { train } = (await prepareData(recipe({}))).parts;
  expect(train.classNames).toEqual(["b", "a"]);
  const { message } = await failure(prepareData(recipe({ classNames: ["a", "b"] })));
  expect(message).toContain(
    "labels must be of the classes a, b, in this order, got b, a. Give both the same classes in the same order (classNames).",
  );
});

test("a sweep tells teachers of other inputs apart where students see a part of the samples", async () => {
  writeTables();
  const recipeText = stringify({ ...paired("full.csv"), transfer: { fraction: 0.5 } });
  const tables = `teacherInputs.file="${at("full.csv")}","${at("other.csv")}"`;
  const { plans } = await prepareSweep({
    ...{ format: "potstill-sweep-1", recipeText, recipeFile: "pairs.yaml", axes: [tables] },
    ...{ seeds: [1], scratch: false, halving: false, test: false, commandLine: "test" },
    folder: folder.path,
  });
  expect(new Set(plans.map(({ teacherDataHash }) => teacherDataHash)).size).toBe(2);
});

test("text is numbered as the start's was where no teacher says; a teacher's own inputs are no start", async () => {
  const lines = [...Array(40).keys()].map((line) => `word${line} the,${"ab"[line % 2]}`);
  writeFileSync(at("data.csv"), `said,class\n${lines.join("\n")}\n`);
  const vocabulary = ["", "?", ...[...Array(40).keys()].map((line) => `word${39 - line}`)];
  const start = modelFile("start.safetensors", {
    ...{ sample: { dtype: "int32", shape: [3] }, classNames: ["b", "a"] },
    text: { vocabulary, length: 3 },
  });
  const { teacherInputs: _, ...recipe } = paired("full.csv");
  const data = { source: "text", file: at("data.csv"), text: "said" } as const;
  const student = { family: "mlp", hidden: [4], start } as const;
  const { train } = (await prepareData({ ...recipe, data, student })).parts;
  expect(train.text).toEqual({ vocabulary, length: 3 });
  expect(train.classNames).toEqual(["a", "b"]); // the start's are placed by name
  const teacher = { checkpoint: start };
  const own = { ...paired("full.csv"), teacher, student: { ...student, start: "teacher" } };
  await expect(studentStart(own)).rejects.toThrow("got the teacher, which sees teacherInputs");
});
