/**
 * @file Letter recognition: 20,000 printed letters of 26 classes, 16 features of 0 to 15 each (Frey and Slate 1991, UCI Machine
 * Learning Repository). The file is the reader's: Debian's package opencv-doc has it as examples/data/letter-recognition.data.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { arrayDataset, splitDataset, subset } from "../../dist/data/index.js";

const checksum = "2b89f3602cf768d3c8355267d2f13f2417809e101fc2b5ceee10db19a60de6e2";
const classNames = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const trainCount = 16000;

/**
 * The last 4,000 are the test, as is customary; training samples that equal a test sample are left out, and a validation part
 * of 2,000 is drawn, equal samples on one side.
 *
 * @returns {{train: Dataset, validation: Dataset, test: Dataset}} float32 [16]
 */
export function loadLetters(file) {
  const bytes = readFileSync(file);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== checksum) throw new Error(`${file}: SHA-256 must be ${checksum}, and is ${found}`);
  const rows = bytes.toString().trim().split("\n");
  const cells = rows.map((row) => row.split(","));
  const all = arrayDataset({
    name: "letters",
    dtype: "float32",
    shape: [16],
    data: Float32Array.from(cells.flatMap(([, ...features]) => features.map(Number))),
    labels: Int32Array.from(cells, ([letter]) => classNames.indexOf(letter)),
    classNames,
    preprocessing: { scale: 0.25, offset: -1.875 },
  });
  const numbers = Array.from({ length: all.length }, (_, index) => index);
  const test = subset(all, numbers.slice(trainCount), "letters/test");
  const held = new Set(Array.from({ length: test.length }, (_, index) => test.key(index)));
  const rest = numbers.slice(0, trainCount).filter((index) => !held.has(all.key(index)));
  const { train, validation } = splitDataset(subset(all, rest, "letters"), {
    seed: 1,
    validation: 2000 / rest.length,
    duplicates: "same-side",
  });
  return { train, validation, test };
}

/** The command line of an experiment on letters; without a file of them the process ends. */
export function lettersArguments(name) {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      quick: { type: "boolean", default: false },
      folder: { type: "string" },
      json: { type: "string" },
    },
  });
  const { quick, data: file } = values;
  if (file === undefined) {
    console.error(`${name}: give --data FILE, letter-recognition.data of Debian's package opencv-doc or of UCI`);
    process.exit(2);
  }
  const folder = values.folder ?? `runs/paper-${name}${quick ? "-quick" : ""}`;
  const own = fileURLToPath(new URL(`../results/paper-${name}.json`, import.meta.url));
  return { quick, file, folder, resultsFile: values.json ?? (quick ? join(folder, "rows.json") : own) };
}
