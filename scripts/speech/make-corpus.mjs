/**
 * @file Makes the corpus of connected spoken words. Build the library first: npm run build.
 *
 * usage: node scripts/speech/make-corpus.mjs FOLDER [--minutes 80,10,45,10[,240]] [--snr 0,5,10] [--seed 1] [--words all|digits]
 *   [--test-draw 1] [--noise-draws 1]
 *
 * Minutes of training, validation, test and new-voice speech and, if there is a fifth number, of further speech as that of
 * training, for a teacher to label. Two minutes of speech take about a second and a half.
 */

import { randomStream } from "../../dist/engine/tensor/index.js";
import { nodeRuntime, segmentOfFrames } from "../../dist/index-node.js";
import { openLogMelFrames, speechLogMel } from "../../dist/speech/index.js";
import { makeCorpus } from "./corpus.mjs";
import { writeCorpus } from "./corpus-files.mjs";
import { corpusOptions, usage } from "./corpus-options.mjs";
import { openFlite } from "./flite.mjs";

/**
 * @param {string} folder @param {import("./corpus.mjs").CorpusOptions} options
 * @param {(text: string) => void} report
 */
export async function makeCorpusFolder(folder, options, report) {
  const runtime = await nodeRuntime();
  const logMel = await openLogMelFrames(runtime);
  const { frameLength, hop, sampleRate, mels } = speechLogMel;
  const tools = {
    synthesize: await openFlite(),
    randomStream,
    logMel: logMel.frames,
    frame: { frameLength, hop, sampleRate, mels },
    segmentOfFrames,
  };
  let shown = 0;
  const corpus = await makeCorpus(options, tools, (part, seconds) => {
    if (Date.now() - shown < 5000) return;
    shown = Date.now();
    report(
      `${part}: ${(seconds / 60).toFixed(1)} of ${((options.seconds[part] ?? 0) / 60).toFixed(1)} min`,
    );
  });
  writeCorpus(folder, corpus, options, mels);
  await runtime.close();
  for (const [part, own] of Object.entries(corpus.parts)) {
    const { utterances, seconds, states, rejected } = own;
    const words = utterances.reduce((sum, each) => sum + each.words.length, 0);
    report(
      `${part}: ${(seconds / 60).toFixed(1)} min, ${utterances.length} sentences (${rejected} rejected), ${words} words, ` +
        `${states.length} frames in ${new Set(states).size} states`,
    );
  }
}

/** @returns what the command line asks for; ends the process where it is wrong */
function asked() {
  try {
    return corpusOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`make-corpus: ${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

if (process.argv[1] === import.meta.filename) {
  const { folder, options } = asked();
  await makeCorpusFolder(folder, options, (text) => console.error(text));
}
