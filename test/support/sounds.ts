/** @file Sound of 16 bits for front ends: vowels with formants, noise, tones, clicks, silence. */

import { randomStream } from "../../src/engine/tensor/index.ts";

const rate = 16_000;

/** A voice: pulses of a moving pitch through three moving resonances, with pauses and hiss. */
function voice(samples: number, level: number, seed: number): Float64Array {
  const stream = randomStream(seed, "voice");
  const y = new Float64Array(samples);
  const past = [0, 0, 0].map((): [number, number] => [0, 0]);
  let phase = 0;
  for (let t = 0; t < samples; t++) {
    const seconds = t / rate;
    phase += (110 + 40 * Math.sin(3 * seconds)) / rate;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const speaks = Math.sin(9 * seconds) > -0.6;
    let x = (speaks ? pulse : 0) + 0.01 * (stream.uniform() - 0.5);
    [600, 1500, 2700].forEach((centre, i) => {
      const f = centre * (1 + 0.3 * Math.sin((2 + i) * seconds));
      const r = 0.98 - 0.01 * i;
      const [one, two] = past[i]!;
      const next = x + 2 * r * Math.cos((2 * Math.PI * f) / rate) * one - r * r * two;
      past[i] = [next, one];
      x = next;
    });
    y[t] = x;
  }
  const top = y.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return y.map((x) => (level * x) / top);
}

function noise(samples: number, level: number, seed: number): Float64Array {
  const stream = randomStream(seed, "noise");
  return Float64Array.from({ length: samples }, () => level * (2 * stream.uniform() - 1));
}

function tones(samples: number, level: number): Float64Array {
  return Float64Array.from({ length: samples }, (_, t) => {
    const sweep = 40 * (t / rate) + ((7900 / samples) * rate * (t / rate) ** 2) / 2;
    return level * Math.sin(2 * Math.PI * sweep);
  });
}

/** @returns int16 samples at 16 kHz, `seconds` of each of thirteen kinds, one after another */
export function sounds(seconds: number): Int16Array {
  const n = Math.round(seconds * rate);
  const square = Float64Array.from({ length: n }, (_, t) => (Math.floor(t / 37) % 2 ? 1 : -1));
  const clicks = Float64Array.from({ length: n }, (_, t) => (t % 1711 === 0 ? 1 : 0));
  const parts = [
    new Float64Array(n),
    voice(n, 0.9, 1),
    voice(n, 0.1, 2),
    voice(n, 0.003, 3),
    noise(n, 1, 4),
    noise(n, 0.01, 5),
    noise(n, 1 / 32768, 6),
    tones(n, 1),
    tones(n, 0.01),
    tones(n, 3 / 32768),
    square,
    clicks,
    new Float64Array(n).fill(-1),
  ];
  const all = parts.flatMap((part) => [...part]);
  return Int16Array.from(all, (x) => Math.max(-32768, Math.min(32767, Math.round(32768 * x))));
}
