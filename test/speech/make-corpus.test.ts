/** @file What make-corpus.mjs can be asked for, and what it says to anything else. */

import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { corpusOptions } from "../../scripts/speech/corpus-options.mjs";

test("a folder alone: 145 minutes at 0, 5 and 10 dB, all words", () => {
  expect(corpusOptions(["corpus"])).toEqual({
    folder: "corpus",
    options: {
      seconds: { train: 4800, validation: 600, test: 2700, newVoice: 600 },
      seed: 1,
      testDraw: 1,
      noiseDraws: 1,
      snrDb: [0, 5, 10],
      words: "all",
    },
  });
});

test("every option is taken; a part may be empty, and noise louder than speech", () => {
  const words = "corpus --minutes 20,0,5,0.5 --snr=-5 --seed 7 --words digits --test-draw 2";
  expect(corpusOptions([...words.split(" "), "--noise-draws", "3"]).options).toEqual({
    seconds: { train: 1200, validation: 0, test: 300, newVoice: 30 },
    ...{ seed: 7, testDraw: 2, noiseDraws: 3, snrDb: [-5], words: "digits" },
  });
});

test("a fifth number of minutes is of speech for a teacher to label", () => {
  expect(corpusOptions(["corpus", "--minutes", "1,0,1,0,2"]).options.seconds).toEqual({
    ...{ train: 60, validation: 0, test: 60, newVoice: 0, transfer: 120 },
  });
});

const minutes =
  "give 4 numbers from 0 on, of train, validation, test, newVoice, and perhaps one of transfer, with commas between";
const snr = "give one number or several, with commas between";

test.each([
  ["corpus --words digit", "--words digit: give all or digits"],
  ["corpus --words=", "--words : give all or digits"],
  ["corpus --snr=", `--snr : ${snr}`],
  ["corpus --snr=0,,5", `--snr 0,,5: ${snr}`],
  ["corpus --snr=0,loud", `--snr 0,loud: ${snr}`],
  ["corpus --snr=Infinity", `--snr Infinity: ${snr}`],
  ["corpus --minutes 80,10,45,-1", `--minutes 80,10,45,-1: ${minutes}`],
  ["corpus --minutes 1,2", `--minutes 1,2: ${minutes}`],
  ["corpus --minutes 1,2,3,4,5,6", `--minutes 1,2,3,4,5,6: ${minutes}`],
  ["corpus --minutes 1,2,3,4,-5", `--minutes 1,2,3,4,-5: ${minutes}`],
  ["corpus --minutes 1,2,,4", `--minutes 1,2,,4: ${minutes}`],
  ["corpus --seed=", "--seed : give an integer"],
  ["corpus --seed 1.5", "--seed 1.5: give an integer"],
  ["corpus --seed 1,2", "--seed 1,2: give an integer"],
  ["corpus --test-draw 0", "--test-draw 0: give an integer from 1 on"],
  ["corpus --noise-draws 1,2", "--noise-draws 1,2: give an integer from 1 on"],
  ["--seed 1", "0 folders: give the one that the corpus is written to"],
  ["corpus digits", "2 folders: give the one that the corpus is written to"],
  ["corpus --word digits", "Unknown option '--word'"],
])("%s is refused", (words, message) => {
  expect(() => corpusOptions(words.split(" "))).toThrowError(message);
});

test("what is refused ends with the usage and exit code 2", () => {
  // made nonetheless, this corpus would be empty and soon done
  const folder = join(tmpdir(), "potstill-no-corpus");
  const words = ["scripts/speech/make-corpus.mjs", folder, "--minutes", "0,0,0,-1"];
  const options = { encoding: "utf8", timeout: 30_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^make-corpus: --minutes 0,0,0,-1: give 4 .*\nusage: .* FOLDER .*\n$/);
});
