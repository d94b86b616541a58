/** @file The smallest corpus that can be learnt from: a minute of spoken digits, one voice. */

import { type Corpus, type CorpusOptions, makeCorpus } from "../../scripts/speech/corpus.mjs";
import { openFlite } from "../../scripts/speech/flite.mjs";
import { segmentOfFrames } from "../../src/data/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";
import { openLogMelFrames, speechLogMel } from "../../src/speech/index.ts";

export const tinyOptions: CorpusOptions = {
  seconds: { train: 60, validation: 8, test: 16, newVoice: 2 },
  seed: 1,
  snrDb: [15, 20],
  words: "digits",
  voices: ["kal16"],
  speakersPerVoice: 3,
};

export async function tinyCorpus(runtime: Runtime, options = tinyOptions): Promise<Corpus> {
  const logMel = await openLogMelFrames(runtime);
  const tools = {
    synthesize: await openFlite(),
    randomStream,
    logMel: logMel.frames,
    frame: speechLogMel,
    segmentOfFrames,
  };
  const corpus = await makeCorpus(options, tools);
  await logMel.close();
  return corpus;
}
