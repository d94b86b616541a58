/** @file A quarter of a second of sound a sample: hums, whistles, sweeps and hiss, under noise. */

import { arrayDataset, type Dataset } from "../../src/data/index.ts";
import type { Model } from "../../src/distill/index.ts";
import { runJob, type TrainingSpec } from "../../src/distill/index.ts";
import type { NetworkSpec } from "../../src/engine/nn/index.ts";
import type { Runtime } from "../../src/engine/runtime/index.ts";
import { randomStream } from "../../src/engine/tensor/index.ts";

const rate = 8000;
const samplesPerSound = 2000;
const classNames = ["hum", "whistle", "rise", "fall", "hiss"];

/** Features of these sounds: 14 frames of 12. */
export const tinyLogMel = {
  ...{ sampleRate: rate, frameLength: 256, hop: 128, fftSize: 256, mels: 12, floor: 1e-5 },
} as const;

/** @returns sound in 16 bits, stored as float32 whole numbers, full scale 32768 */
export function tinySounds(count: number, seed: number): Dataset {
  const stream = randomStream(seed, "tiny sounds");
  const data = new Float32Array(count * samplesPerSound);
  const labels = new Int32Array(count);
  for (let sound = 0; sound < count; sound++) {
    const label = sound % classNames.length;
    const level = 0.8 * 10 ** (-1.5 * stream.uniform()); // 30 dB between soft and loud
    const hiss = label === 4 ? level : level * 0.1 * stream.uniform();
    const [low, high] = [150 + 250 * stream.uniform(), 1500 + 1500 * stream.uniform()];
    const [from, to] = { 0: [low, low], 1: [high, high], 2: [low, high], 3: [high, low] }[
      label
    ] ?? [0, 0];
    let phase = stream.uniform();
    for (let t = 0; t < samplesPerSound; t++) {
      phase += (from! + ((to! - from!) * t) / samplesPerSound) / rate;
      const tone = label === 4 ? 0 : level * Math.sin(2 * Math.PI * phase);
      const real = tone + hiss * (2 * stream.uniform() - 1);
      data[sound * samplesPerSound + t] = Math.max(
        -32_768,
        Math.min(32_767, Math.round(32_768 * real)),
      );
    }
    labels[sound] = label;
  }
  return arrayDataset({
    ...{ name: `tiny sounds ${seed}`, dtype: "float32" as const, shape: [samplesPerSound] },
    ...{ data, labels, classNames, preprocessing: { scale: 1 / 32_768, offset: 0 } },
  });
}

/** Trains on sound itself: the features are the network's first layer. */
export async function trainOnSound(
  runtime: Runtime,
  network: NetworkSpec,
  epochs: number,
  more: Partial<TrainingSpec> = {},
): Promise<{ readonly model: Model; readonly train: Dataset; readonly test: Dataset }> {
  const [train, test] = [tinySounds(300, 1), tinySounds(200, 2)];
  const training = { epochs, learningRate: { kind: "cosine", value: 0.01 }, ...more } as const;
  const job = { id: "sound", network, train, validation: test, training, seed: 1 };
  const run = runJob(job, { runtime });
  let step = await run.next();
  while (!step.done) step = await run.next();
  return { model: step.value.model, train, test };
}
