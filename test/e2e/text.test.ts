/**
 * @file Text classification from the command line: a table of sentences to an exported transformer.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readModel } from "../../src/distill/index.ts";
import { readOnnx } from "../../src/engine/onnx/index.ts";
import { potstill, useFolder } from "../support/command-line.ts";

const folder = useFolder();

/** A wish is in the class of its verb; the rest of the sentence says nothing. */
function sentences(): string {
  const who = ["I", "we", "they", "you", "all of us", "my neighbours"];
  const verbs = { food: ["eat", "cook", "taste"], travel: ["visit", "reach", "leave"] };
  const when = ["today", "soon, please", "in May", "again!", "every day", "at last"];
  const rows = who.flatMap((subject) =>
    Object.entries(verbs).flatMap(([label, own]) =>
      own.flatMap((verb) => when.map((end) => `"${subject} want to ${verb} it ${end}",${label}`)),
    ),
  );
  return `text,class\n${rows.join("\n")}\n`;
}

const small = ["width=16", "layers=1", "heads=2", "vocabulary=40"];
const overrides = [
  "data.vocabulary=40",
  "data.length=10",
  "split.test=0.3",
  ...small.map((setting) => `teacher.train.network.${setting}`),
  "teacher.train.training.epochs=15",
  "student.vocabulary=40",
  "training.epochs=15",
  "student.width=16",
  "training.learningRate=0.01",
  "teacher.train.training.learningRate=0.01",
  "training.batchSize=16",
  "teacher.train.training.batchSize=16",
  "seeds=[1]",
];

test("recipes/spam.yaml on other sentences: distil, evaluate, and the vocabulary in both files", async () => {
  writeFileSync(join(folder.path, "spam.csv"), sentences());
  const recipe = resolve("recipes/spam.yaml");
  const run = await potstill(folder.path, "distill", recipe, ...overrides);
  expect(run.stderr).not.toContain("error");
  expect(run.code).toBe(0);
  const student = "runs/spam-1/student.safetensors";
  const model = readModel(readFileSync(join(folder.path, student)), student);
  expect(model.spec.family).toBe("tinyTransformer");
  expect(model.text!.vocabulary.slice(0, 4)).toEqual(["<padding>", "<unknown>", "it", "to"]);
  const onnx = join(folder.path, "runs/spam-1/exports/student.onnx");
  const { graph, metadata } = readOnnx(readFileSync(onnx), onnx);
  expect(graph.inputs[0]).toMatchObject({ dtype: "int32", shape: ["batch", 10] });
  expect(JSON.parse(metadata.vocabulary!)).toEqual(model.text!.vocabulary);
  const unseen = ["we want to eat it today please,food", "you want to leave it in May,travel"];
  writeFileSync(join(folder.path, "new.csv"), `text,class\n${unseen.join("\n")}\n`);
  const data = "{source: text, file: new.csv}";
  const numbers = await potstill(folder.path, "evaluate", student, "--data", data, "--json");
  expect(JSON.parse(numbers.stdout)).toMatchObject({ samples: 2, accuracy: 1 });
  const exported = await potstill(folder.path, "evaluate", onnx, "--data", data, "--json");
  expect(JSON.parse(exported.stdout)).toMatchObject({ samples: 2, accuracy: 1 });
  // a teacher that is there is asked about other text as it numbers it
  const wishes = sentences().replaceAll("want to", "hope to");
  writeFileSync(join(folder.path, "wishes.csv"), wishes);
  const teacher = "teacher={checkpoint: runs/spam-1/teacher.safetensors}";
  const asked = overrides.filter((each) => !each.startsWith("teacher"));
  const words = ["label", recipe, ...asked, "data.file=wishes.csv", teacher, "--out", "labels"];
  const labelled = await potstill(folder.path, ...words);
  expect(labelled.stderr).not.toContain("error [");
  const manifest = readFileSync(join(folder.path, "labels/manifest.json"), "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ text: model.text });
  const missing = await potstill(
    folder.path,
    "distill",
    recipe,
    ...overrides,
    "student.vocabulary=9",
  );
  expect(missing.stderr).toContain("[config/vocabulary]");
  expect(missing.code).toBe(2);
  expect(existsSync(join(folder.path, "runs/spam-2"))).toBe(false);
});
