/** @file The speech recipe from the command line, on a corpus of a minute. */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Corpus } from "../../scripts/speech/corpus.mjs";
import { writeCorpus } from "../../scripts/speech/corpus-files.mjs";
import { parseReport, type RecognitionReport } from "../../src/app/report/index.ts";
import { nodeRuntime } from "../../src/engine/runtime/node.ts";
import { speechLogMel } from "../../src/speech/index.ts";
import { potstill, useFolder } from "../support/command-line.ts";
import { tinyCorpus, tinyOptions } from "./small-corpus.ts";

const folder = useFolder();
const recipe = resolve("recipes/speech.yaml");
const share = "split.validation=0.34"; // of three speakers

let corpus: Corpus;
beforeAll(async () => {
  const runtime = await nodeRuntime({ worker: false });
  corpus = await tinyCorpus(runtime);
  await runtime.close();
});
const corpusFolder = (): string => join(folder.path, "speech-corpus");
const makeFolder = (): void => writeCorpus(corpusFolder(), corpus, tinyOptions, speechLogMel.mels);

const totalOf = ({
  substitutions,
  deletions,
  insertions,
}: RecognitionReport["models"]["distilled"]) =>
  substitutions.mean + deletions.mean + insertions.mean;

test("recipes/speech.yaml distils an acoustic model, small, and counts its words", async () => {
  makeFolder();
  const { code, stderr, stdout } = await potstill(
    folder.path,
    "distill",
    recipe,
    share,
    "teacher.train.network.hidden=[64]",
    "teacher.train.members=2",
    "teacher.train.training.epochs=3",
    "student.hidden=[64]",
    "training.epochs=6",
    "seeds=[1, 2]",
    "--json-report",
    "report.json",
  );
  expect(stderr).not.toContain("error:");
  expect(code).toBe(0);
  const text = readFileSync(join(folder.path, "report.json"), "utf8");
  const { models, ensemble, recognition } = parseReport(JSON.parse(text), "report.json");
  expect(models.teacher.name).toBe("mlp 1040-64-123 + mlp 1040-64-123");
  expect(models.teacher.test.accuracy.mean).toBeGreaterThan(0.45); // 0.54 here
  // 0.58 and 0.60 here; chance is 0.008, always naming the most frequent state 0.06
  expect(models.distilled.test.accuracy.mean).toBeGreaterThan(0.45);
  expect(models.scratch!.test.accuracy.mean).toBeGreaterThan(0.45);
  assertGain(ensemble!, ensemble!.gain.low! > 0);

  const words = recognition!;
  const said = corpus.parts.test.utterances;
  expect(words.recordings).toBe(said.length);
  expect(words.words).toBe(said.reduce((sum, each) => sum + each.words.length, 0));
  expect(words.vocabulary).toBe(corpus.lexicon.size);
  expect(words.teacherParts.map(({ name }) => name)).toEqual([
    "teacher/member-1",
    "teacher/member-2",
  ]);
  const { teacher, distilled, scratch } = words.models;
  for (const each of [teacher!, distilled, scratch!, ...words.teacherParts]) {
    const { mean, low, high } = each.wordErrorRate;
    expect(mean).toBeCloseTo(totalOf(each) / words.words, 12);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
    expect(mean).toBeLessThan(0.25); // 0 to 0.12 here, of ten words
  }
  expect(distilled.decoder).toHaveLength(2);
  expect([1, 2, 4, 8]).toContain(distilled.decoder[0]!.languageModelWeight);
  assertGain(words.gain!, words.gain!.gain.high! < 0);
  const html = readFileSync(join(folder.path, "runs/speech-1/report.html"), "utf8");
  expect(html).toContain("Word errors on the test recordings, means over seeds");
  expect(stdout).toMatch(/word errors +95 % interval/);

  const student = await potstill(
    folder.path,
    "evaluate",
    "runs/speech-1/student.safetensors",
    "--data",
    localRecipe((lines) => lines.replace("validation: 0.1", "validation: 0.34")),
    "--json",
  );
  expect(student.code).toBe(0);
  const { recognition: heard } = JSON.parse(student.stdout);
  const rates = distilled.wordErrorRate.perSeed; // the student is the run that is best on validation
  expect(rates.map((rate) => rate.toFixed(9))).toContain(heard.wordErrorRate.mean.toFixed(9));
  expect(heard.words).toBe(words.words);
}, 600_000); // a quiet machine takes half a minute

/** A share of the gain is there exactly if the gain is clear, and the sentence says which. */
function assertGain(
  { kept, sentence }: { readonly kept: unknown; readonly sentence: string },
  isClear: boolean,
): void {
  expect(kept !== null).toBe(isClear);
  expect(sentence).toMatch(
    isClear ? /The student keeps .* of that gain/ : /share of the gain .* is undefined\.$/,
  );
}

/** @returns a copy of the recipe in the folder */
function localRecipe(edit: (text: string) => string): string {
  const text = readFileSync(recipe, "utf8");
  const edited = edit(text);
  expect(edited).not.toBe(text);
  writeFileSync(join(folder.path, "speech.yaml"), edited);
  return "speech.yaml";
}

const replaceIn = (name: string, edit: (text: string) => string): void => {
  const file = join(corpusFolder(), name);
  writeFileSync(file, edit(readFileSync(file, "utf8")));
};
const lineOf = (text: string): number =>
  readFileSync(recipe, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;

test.each([
  {
    what: "a test part without transcripts",
    edit: (text: string) =>
      text.replace("    transcripts: speech-corpus/test-transcripts.txt\n", ""),
    line: "  test:",
    says: 'with a decoder, "data.test.transcripts" must give what is said in each recording',
  },
  {
    what: "frames without a lexicon",
    edit: (text: string) => text.replace("  lexicon: speech-corpus/lexicon.txt\n", ""),
    line: "decoder:",
    says: '"decoder.lexicon" is missing',
  },
  {
    what: "classes that are not the lexicon's phones",
    edit: (text: string) => text.replace("zh-1, zh-2, zh-3,", "").replaceAll(" ow-", " oh-"),
    line: "  lexicon:",
    says: 'every phone must be a class of the acoustic model, or its states PHONE-1, …, got "ow" in',
  },
  {
    what: "a transcript with a word without pronunciation",
    edit: (text: string) => text.replace("validation: 0.1", "validation: 0.35"),
    files: () => replaceIn("test-transcripts.txt", (text) => text.replace("\n", " eleven\n")),
    line: "  lexicon:",
    says: 'transcript 1: every word of the transcripts must have a pronunciation, got "eleven"',
  },
  {
    what: "silence that is no phone",
    edit: (text: string) => text.replace("silence: pau", "silence: sil"),
    line: "  silence:",
    says: 'silence must be a phone that the classes are named after, got "sil"',
  },
])(
  "refuses $what before anything is trained",
  async ({ edit, files, line, says }) => {
    makeFolder();
    files?.();
    const { code, stderr } = await potstill(folder.path, "distill", localRecipe(edit), share);
    expect(stderr).toContain(says);
    expect(stderr).toContain(`speech.yaml:${lineOf(line)}`);
    expect(code).toBe(2);
    expect(folder.files()).toEqual(["speech-corpus", "speech.yaml"]);
  },
  120_000,
);
