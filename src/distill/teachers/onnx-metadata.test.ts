/** @file What an .onnx file of Potstill's says of its classes and tokens, and who must agree. */

import { expect, test } from "vitest";
import type { Dataset } from "../../data/index.ts";
import { matchedClasses } from "./onnx-metadata.ts";
import { insectData } from "./teacher.cases.ts";

const insects = insectData(20);
const { classNames } = insects;
const matched = (metadata: Readonly<Record<string, string>>, dataset: Dataset = insects) =>
  matchedClasses(metadata, { name: "t", file: "teacher.onnx" }, dataset);
const named = (names: readonly string[]) => ({ classNames: JSON.stringify(names) });

test("other classes, or another order of them, than the file names", () => {
  expect(matched(named(classNames))).toEqual(classNames);
  const mismatch = expect.objectContaining({ code: "teacher/class-mismatch" });
  expect(() => matched(named(classNames.toReversed()))).toThrow(mismatch);
  expect(() => matched(named(classNames.slice(1)))).toThrow(mismatch);
});

test("what another tool has written there says nothing", () => {
  expect(matched({})).toBeNull();
  expect(matched({ classNames: "{0: 'wasp'}", vocabulary: "en", names: "x" })).toBeNull();
});

test("frames that were made otherwise than the file says", () => {
  const standardization = { mean: [0.1 + 0.2, 1], deviation: [1 / 3, 7] };
  const own = { context: { before: 1, after: 0 }, standardization };
  const metadata = { frames: JSON.stringify(own) };
  const made = (frames: Dataset["frames"]) => ({ ...insects, frames });
  const mismatch = expect.objectContaining({ code: "teacher/frames" });
  const others = { ...standardization, mean: [0.4, 1] };
  const elsewhere = { ...standardization, mean: [0.3, 1] }; // another machine's last bits
  expect(() => matched(metadata, made({ ...own, standardization: others }))).toThrow(mismatch);
  expect(() => matched(metadata, made({ ...own, standardization: null }))).toThrow(mismatch);
  const context = { before: 0, after: 1 };
  expect(() => matched(metadata, made({ ...own, context }))).toThrow(mismatch);
  expect(matched(metadata, made(own))).toBeNull();
  expect(matched(metadata, made({ ...own, standardization: elsewhere }))).toBeNull();
  expect(matched(metadata)).toBeNull(); // samples that do not say
  expect(matched({ frames: "many" }, made(own))).toBeNull(); // another tool's
});

test("tokens that the file numbers otherwise", () => {
  const vocabulary = ["<padding>", "<unknown>", "wasp", "bee"];
  const metadata = { vocabulary: JSON.stringify(vocabulary) };
  const text = (tokens: readonly string[]) => ({
    ...insects,
    text: { vocabulary: tokens, length: 16 },
  });
  const mismatch = expect.objectContaining({ code: "teacher/vocabulary" });
  expect(() => matched(metadata, text(vocabulary.toReversed()))).toThrow(mismatch);
  expect(() => matched(metadata)).toThrow(mismatch);
  expect(matched(metadata, text(vocabulary))).toBeNull();
});
