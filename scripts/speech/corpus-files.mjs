/** @file A corpus as a folder: NumPy arrays, and everything else in corpus.json. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checksums, stateNames, statesPerPhone } from "./corpus.mjs";

/** @typedef {import("./corpus.mjs").CorpusPart} CorpusPart */
/** @typedef {import("./corpus.mjs").Part} Part */

/**
 * @param {Float32Array | Int32Array} data @param {readonly number[]} shape
 * @returns {Uint8Array} .npy, version 1.0
 */
export function npyBytes(data, shape) {
  const descr = data instanceof Float32Array ? "<f4" : "<i4";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padding = 64 - ((10 + text.length + 1) % 64);
  const header = `${text}${" ".repeat(padding % 64)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(Buffer.from(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

const writeLines = (/** @type {string} */ file, /** @type {string[]} */ lines) =>
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));

/**
 * Writes PART-features.npy [frames, mels], PART-states.npy [frames], PART-lengths.npy and PART-speakers.npy [recordings],
 * PART-transcripts.txt, what is said in each recording a line each, lexicon.txt, a word and its phones a line, and
 * corpus.json.
 *
 * @param {string} folder @param {import("./corpus.mjs").Corpus} corpus
 * @param {unknown} options @param {number} mels
 */
export function writeCorpus(folder, corpus, options, mels) {
  mkdirSync(folder, { recursive: true });
  const all = Object.entries(corpus.parts);
  const speakers = [
    ...new Set(all.flatMap(([, { utterances }]) => utterances.map((each) => each.speaker))),
  ];
  for (const [part, { features, states, utterances }] of all) {
    const write = (
      /** @type {string} */ name,
      /** @type {Float32Array | Int32Array} */ data,
      shape = [data.length],
    ) => writeFileSync(join(folder, `${part}-${name}.npy`), npyBytes(data, shape));
    write("features", features, [states.length, mels]);
    write("states", states);
    write(
      "lengths",
      Int32Array.from(utterances, ({ frames }) => frames),
    );
    write(
      "speakers",
      Int32Array.from(utterances, ({ speaker }) => speakers.indexOf(speaker)),
    );
    writeLines(
      join(folder, `${part}-transcripts.txt`),
      utterances.map(({ words }) => words.join(" ")),
    );
  }
  writeLines(
    join(folder, "lexicon.txt"),
    Array.from(corpus.lexicon, ([word, phones]) => [word, ...phones].join(" ")),
  );
  const manifest = {
    format: "speech-corpus",
    version: 1,
    options,
    statesPerPhone,
    stateNames,
    speakers,
    lexicon: Object.fromEntries(corpus.lexicon),
    checksums: checksums(corpus.parts),
    parts: Object.fromEntries(
      all.map(([part, { utterances, seconds, rejected }]) => {
        const words = utterances.reduce((sum, each) => sum + each.words.length, 0);
        return [part, { seconds, words, rejected, utterances }];
      }),
    ),
  };
  writeFileSync(join(folder, "corpus.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}
