/** @file Recorded human digits as recordings to decode: 0.wav to 9.wav, one word each. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { featureStatistics, framesDataset, loadData, readRecording, speechContext, standardized } from "potstill/node";
import { openLogMelFrames, speechLogMel } from "potstill/speech";
import { wordClasses } from "../../scripts/speech/texts.mjs";

/** @returns {{dataset: Dataset, lengths: number[], said: string[][]}} standardised as the corpus's training part is */
export async function openPrompts(runtime, folder, corpusFolder) {
  const { mels, sampleRate } = speechLogMel;
  const statistics = await trainingStatistics(corpusFolder, mels);
  const logMel = await openLogMelFrames(runtime);
  const recordings = [];
  for (let digit = 0; digit <= 9; digit++) {
    const file = join(folder, `${digit}.wav`);
    if (!existsSync(file)) throw new Error(`${file}: there must be a recording of each digit, 0.wav to 9.wav`);
    const { samples } = await readRecording(file, { sampleRate });
    const features = standardized(await logMel.frames(samples), statistics);
    recordings.push({ features, group: String(digit) });
  }
  await logMel.close();
  const about = { name: "prompts", features: mels, context: speechContext, classNames: ["unknown"] };
  const dataset = framesDataset({ ...about, recordings });
  return {
    dataset,
    lengths: recordings.map(({ features }) => features.length / mels),
    said: wordClasses.digit.map((word) => [word]),
  };
}

async function trainingStatistics(corpusFolder, mels) {
  const { train } = await loadData({
    source: "frames",
    features: join(corpusFolder, "train-features.npy"),
    lengths: join(corpusFolder, "train-lengths.npy"),
    labels: join(corpusFolder, "train-states.npy"),
    standardize: false,
    context: { before: 0, after: 0 },
  });
  const features = new Float32Array(train.length * mels);
  await train.gather(Int32Array.from({ length: train.length }, (_, i) => i), features);
  return featureStatistics([features], mels);
}
