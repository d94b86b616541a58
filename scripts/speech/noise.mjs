/** @file Noise that is added to speech: white, or pink (power falling with frequency). */

export const noises = /** @type {const} */ (["white", "pink"]);

/**
 * @param {typeof noises[number]} kind @param {number} length
 * @param {{normal: () => number}} stream
 * @returns {Float32Array} of mean power 1, about
 */
export function makeNoise(kind, length, stream) {
  const white = Float32Array.from({ length }, () => stream.normal());
  return kind === "white" ? white : pinkOf(white);
}

/**
 * Six first-order filters whose sum falls by 3 dB an octave.
 *
 * @param {Float32Array} white
 * @see Kellet (1999), posted to music-dsp: "refined" pink noise filter
 */
function pinkOf(white) {
  const poles = [0.99886, 0.99332, 0.969, 0.8665, 0.55, -0.7616];
  const gains = [0.0555179, 0.0750759, 0.153852, 0.3104856, 0.5329522, -0.016898];
  const states = new Float64Array(6);
  let delayed = 0;
  const pink = white.map((x) => {
    let sum = delayed + 0.5362 * x;
    for (let i = 0; i < 6; i++) {
      states[i] = poles[i] * states[i] + gains[i] * x;
      sum += states[i];
    }
    delayed = 0.115926 * x;
    return sum;
  });
  const scale = 1 / Math.sqrt(meanPower(pink));
  return pink.map((x) => scale * x);
}

/** @param {Float32Array} samples */
export function meanPower(samples) {
  return samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
}

/**
 * Adds noise so that the speech, its pauses counted, has `snrDb` times its power: 10 log₁₀(speech / noise).
 *
 * @param {Float32Array} speech @param {Float32Array} noise @param {number} snrDb
 */
export function withNoise(speech, noise, snrDb) {
  const level = Math.sqrt(meanPower(speech) / meanPower(noise) / 10 ** (snrDb / 10));
  return speech.map((x, at) => x + level * noise[at]);
}
