/**
 * @file A corpus of connected spoken words: synthetic speech under noise, with the state of every frame. The same options
 * give the same speech, noise and labels, byte for byte; features can differ in their last bits between processors.
 */

import { createHash } from "node:crypto";
import { voices as allVoices } from "./flite.mjs";
import { makeNoise, noises, withNoise } from "./noise.mjs";
import { drawSentence, sideOf, vocabulary, wordClasses } from "./texts.mjs";

/** @typedef {import("./flite.mjs").Manner} Manner */
/** @typedef {"train" | "validation" | "test" | "newVoice"} Part */
/** @type {readonly Part[]} */
export const parts = ["train", "validation", "test", "newVoice"];

/**
 * @typedef {object} CorpusOptions
 * @property {Record<Part, number>} seconds of sound in each part; a part is complete with the sentence that reaches it
 * @property {number} seed
 * @property {readonly number[]} snrDb each sentence has one of these levels of noise, drawn evenly
 * @property {"all" | "digits"} words digits alone make a small vocabulary, for trying things out
 * @property {readonly Manner["voice"][]} [voices] of train, validation and test; default all but the new voice
 * @property {number} [speakersPerVoice] in train; default 6
 * @property {number} [testDraw] from 1 (the default) on: another one has the same training and validation parts, and other
 *   test and new-voice parts, of other speakers, sentences and noise
 * @property {number} [transferDraws] from 0 (the default) on: how often a part "transfer" has all training sentences again,
 *   said as in the training part, each time under noise drawn anew
 */
/**
 * What the corpus is made with. The program that calls brings them, so that these scripts load neither the library's
 * build nor its sources.
 *
 * @typedef {object} Tools
 * @property {import("./flite.mjs").Synthesizer} synthesize
 * @property {(...key: (string | number)[]) => {uniform: () => number, integer: (bound: number) => number,
 *   normal: () => number}} randomStream
 * @property {(samples: Float32Array) => Promise<Float32Array>} logMel float32 [frames, mels]
 * @property {{sampleRate: number, frameLength: number, hop: number, mels: number}} frame
 * @property {(segments: {name: string, endSeconds: number}[], frames: number, parts: number,
 *   times: {sampleRate: number, frameLength: number, hop: number}) => {segment: Int32Array, part: Int32Array}} segmentOfFrames
 */
/**
 * @typedef {object} Utterance
 * @property {string[]} words
 * @property {string} speaker voice and manner
 * @property {number} frames
 * @property {typeof noises[number]} noise
 * @property {number} snrDb
 * @property {string} speechHash @property {string} noiseHash sha256 of float32 samples
 */
/**
 * @typedef {object} CorpusPart
 * @property {Utterance[]} utterances
 * @property {Float32Array} features [frames, mels], all utterances one after another
 * @property {Int32Array} states [frames]
 * @property {number} seconds of sound
 * @property {number} rejected sentences that were not spoken as the lexicon says
 */

/** @typedef {Record<Part, CorpusPart> & {transfer?: CorpusPart}} CorpusParts */
/** @typedef {{lexicon: Map<string, string[]>, parts: CorpusParts}} Corpus */

export const newVoice = "rms";
export const statesPerPhone = 3;
/** flite's phones of English, silence first */
export const phones =
  `pau aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v
  w y z zh`.split(/\s+/);
/** "pau-1", "pau-2", "pau-3", "aa-1", … */
export const stateNames = phones.flatMap((phone) =>
  Array.from({ length: statesPerPhone }, (_, at) => `${phone}-${at + 1}`),
);

/** @param {string} phone */
export const statesOf = (phone) => {
  const at = phones.indexOf(phone);
  if (at < 0) throw new Error(`unknown phone ${phone}`);
  return Array.from({ length: statesPerPhone }, (_, part) => at * statesPerPhone + part);
};

const isSpoken = (/** @type {{name: string}} */ { name }) => name !== "pau";
const hashOf = (/** @type {ArrayBufferView} */ { buffer, byteOffset, byteLength }) =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");

/**
 * The phones of each word, as one voice says it alone. No two words may sound the same.
 *
 * @param {readonly string[]} words @param {Tools["synthesize"]} synthesize
 * @returns {Map<string, string[]>}
 */
export function makeLexicon(words, synthesize) {
  const heard = new Map();
  const lexicon = new Map();
  for (const word of words) {
    const spoken = synthesize(word, { voice: "kal16", stretch: 1, pitch: 1 }).phones.filter(
      isSpoken,
    );
    const names = spoken.map(({ name }) => name);
    const twin = heard.get(names.join(" "));
    if (twin !== undefined) throw new Error(`"${word}" sounds like "${twin}"`);
    heard.set(names.join(" "), word);
    lexicon.set(word, names);
  }
  return lexicon;
}

/** Names the drawing of a part; the first one's name is empty. */
const drawOf = (/** @type {Part} */ part, /** @type {CorpusOptions} */ { testDraw = 1 }) =>
  (part === "test" || part === "newVoice") && testDraw > 1 ? [`draw ${testDraw}`] : [];

/**
 * Speakers of a part: a voice at a rate and a pitch that no other part has.
 *
 * @param {CorpusOptions} options @param {Tools["randomStream"]} randomStream
 * @returns {Record<Part, Manner[]>}
 */
function makeSpeakers(options, randomStream) {
  const { seed, voices, speakersPerVoice = 6 } = options;
  const used = new Set();
  const draw = (
    /** @type {Part} */ part,
    /** @type {Manner["voice"]} */ voice,
    /** @type {number} */ number,
  ) => {
    const stream = randomStream(seed, "speaker", part, voice, number, ...drawOf(part, options));
    for (;;) {
      const stretch = Number((0.8 + 0.45 * stream.uniform()).toFixed(2));
      const pitch = Number((0.8 + 0.5 * stream.uniform()).toFixed(2));
      const id = `${voice} ${stretch} ${pitch}`;
      if (used.has(id)) continue;
      used.add(id);
      return { voice, stretch, pitch };
    }
  };
  const own = voices ?? allVoices.filter((voice) => voice !== newVoice);
  const list = (/** @type {Part} */ part, /** @type {number} */ count, from = own) =>
    from.flatMap((voice) =>
      Array.from({ length: count }, (_, number) => draw(part, voice, number)),
    );
  return {
    train: list("train", speakersPerVoice),
    validation: list("validation", 2),
    test: list("test", 3),
    newVoice: list("newVoice", 4, [newVoice]),
  };
}

/**
 * @param {CorpusOptions} options @param {Tools} tools
 * @param {(part: Part, seconds: number) => void} [onProgress]
 * @returns {Promise<Corpus>}
 */
export async function makeCorpus(options, tools, onProgress = () => undefined) {
  const { testDraw = 1, transferDraws = 0 } = options;
  for (const [name, value, least] of [
    ["testDraw", testDraw, 1],
    ["transferDraws", transferDraws, 0],
  ])
    if (!Number.isInteger(value) || value < least)
      throw new Error(`${name} is ${value}: give an integer from ${least} on`);
  const words = options.words === "digits" ? wordClasses.digit : vocabulary;
  const lexicon = makeLexicon(words, tools.synthesize);
  const speakers = makeSpeakers(options, tools.randomStream);
  const speak = (
    /** @type {Part} */ part,
    /** @type {Set<string>} */ said,
    noiseDraw = drawOf(part, options),
  ) => {
    const sentences = drawSentences(part, options, tools, said);
    const context = { options, tools, lexicon, noiseDraw, onProgress };
    return speakPart(part, speakers[part], sentences, context);
  };
  const said = new Set();
  /** @type {Partial<Record<Part, CorpusPart>>} */
  const made = {};
  for (const part of parts) made[part] = await speak(part, said);
  const corpus = /** @type {CorpusParts} */ (made);
  const again = [];
  for (let draw = 1; draw <= transferDraws; draw++)
    again.push(await speak("train", new Set(), [`transfer ${draw}`]));
  if (transferDraws > 0) corpus.transfer = joinedParts(again);
  assertDisjoint(corpus);
  return { lexicon, parts: corpus };
}

/**
 * Sentences of a part, none of them said before in any part.
 *
 * @param {Part} part @param {CorpusOptions} options @param {Tools} tools @param {Set<string>} said
 */
function* drawSentences(part, options, { randomStream }, said) {
  const { seed, words } = options;
  const stream = randomStream(seed, "sentences", part, ...drawOf(part, options));
  const side = part === "newVoice" ? "test" : part;
  const digits = wordClasses.digit;
  for (;;) {
    const sentence =
      words === "digits"
        ? Array.from({ length: 3 + stream.integer(5) }, () => digits[stream.integer(digits.length)])
        : drawSentence(stream);
    const text = sentence.join(" ");
    if (said.has(text) || sideOf(sentence) !== side) continue;
    said.add(text);
    yield sentence;
  }
}

/**
 * @param {Part} part @param {readonly Manner[]} speakers @param {Generator<string[], void>} sentences
 * @param {{options: CorpusOptions, tools: Tools, lexicon: Map<string, string[]>, noiseDraw: string[],
 *   onProgress: (part: Part, seconds: number) => void}} context noiseDraw names the drawing of its noise
 * @returns {Promise<CorpusPart>}
 */
async function speakPart(part, speakers, sentences, context) {
  const { options, tools, lexicon, noiseDraw, onProgress } = context;
  const { frame, randomStream } = tools;
  /** @type {Utterance[]} */
  const utterances = [];
  const [features, states] = [/** @type {Float32Array[]} */ ([]), /** @type {Int32Array[]} */ ([])];
  let [seconds, rejected] = [0, 0];
  while (seconds < options.seconds[part]) {
    const words = /** @type {string[]} */ (sentences.next().value);
    const number = utterances.length + rejected;
    const manner = speakers[number % speakers.length];
    const {
      samples: clean,
      phones: spoken,
      sampleRate,
    } = tools.synthesize(words.join(" "), manner);
    if (sampleRate !== frame.sampleRate)
      throw new Error(`${manner.voice} speaks at ${sampleRate} Hz`);
    const expected = words.flatMap((word) => lexicon.get(word) ?? []).join(" ");
    if (
      spoken
        .filter(isSpoken)
        .map(({ name }) => name)
        .join(" ") !== expected
    ) {
      rejected++;
      continue;
    }
    const stream = randomStream(options.seed, "noise", part, number, ...noiseDraw);
    const kind = noises[stream.integer(noises.length)];
    const snrDb = options.snrDb[stream.integer(options.snrDb.length)];
    const noise = makeNoise(kind, clean.length, stream);
    const logMel = await tools.logMel(withNoise(clean, noise, snrDb));
    const frames = logMel.length / frame.mels;
    const { segment, part: third } = tools.segmentOfFrames(spoken, frames, statesPerPhone, frame);
    features.push(logMel);
    states.push(segment.map((at, i) => statesOf(spoken[at].name)[third[i]]));
    utterances.push({
      words,
      speaker: `${manner.voice} ${manner.stretch} ${manner.pitch}`,
      frames,
      noise: kind,
      snrDb,
      speechHash: hashOf(clean),
      noiseHash: hashOf(noise),
    });
    seconds += clean.length / sampleRate;
    onProgress(part, seconds);
  }
  return {
    utterances,
    features: joined(Float32Array, features),
    states: joined(Int32Array, states),
    seconds,
    rejected,
  };
}

/** @param {readonly CorpusPart[]} list */
function joinedParts(list) {
  const sum = (/** @type {"seconds" | "rejected"} */ of) =>
    list.reduce((all, each) => all + each[of], 0);
  return {
    utterances: list.flatMap(({ utterances }) => utterances),
    features: joined(
      Float32Array,
      list.map(({ features }) => features),
    ),
    states: joined(
      Int32Array,
      list.map(({ states }) => states),
    ),
    seconds: sum("seconds"),
    rejected: sum("rejected"),
  };
}

/**
 * @template {Float32Array | Int32Array} T
 * @param {new (length: number) => T} Type @param {readonly T[]} pieces
 */
function joined(Type, pieces) {
  const whole = new Type(pieces.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const piece of pieces) {
    whole.set(piece, to);
    to += piece.length;
  }
  return whole;
}

/**
 * The part whose sentences, speakers and sound a part may have: transfer has those of train, but for the noise.
 *
 * @param {string} part @param {string} of
 */
export const ownerOf = (part, of) => (part === "transfer" && of !== "noiseHash" ? "train" : part);

/** @param {CorpusParts} corpus */
function assertDisjoint(corpus) {
  for (const of of /** @type {const} */ (["words", "speaker", "speechHash", "noiseHash"])) {
    const seen = new Map();
    for (const [part, { utterances }] of Object.entries(corpus))
      for (const utterance of utterances) {
        const value = String(utterance[of]);
        const owner = ownerOf(part, of);
        if ((seen.get(value) ?? owner) !== owner)
          throw new Error(`${of} "${value}" in ${seen.get(value)} and ${owner}`);
        seen.set(value, owner);
      }
  }
}

/** Checksums that tell whether two corpora are the same: of speech, noise, labels, and features. */
export function checksums(/** @type {CorpusParts} */ corpus) {
  return Object.fromEntries(
    Object.entries(corpus).map(([part, { utterances, states, features }]) => {
      const all = (/** @type {"speechHash" | "noiseHash"} */ of) =>
        createHash("sha256")
          .update(utterances.map((each) => each[of]).join(""))
          .digest("hex");
      const own = { speech: all("speechHash"), noise: all("noiseHash"), states: hashOf(states) };
      return [part, { ...own, features: hashOf(features) }];
    }),
  );
}
