/**
 * @file A corpus of connected spoken words: synthetic speech under noise, with the state of every frame. The same options
 * give the same speech, noise and labels, byte for byte; features can differ in their last bits between processors.
 */

import { createHash } from "node:crypto";
import { voices as allVoices } from "./flite.mjs";
import { makeNoise, noises, withNoise } from "./noise.mjs";
import { drawSentence, sideOf, vocabulary, wordClasses } from "./texts.mjs";

/** @typedef {import("./flite.mjs").Manner} Manner */
/** @typedef {"train" | "validation" | "test" | "newVoice"} UsualPart */
/** @typedef {UsualPart | "transfer"} Part */
/** @type {readonly UsualPart[]} */
export const parts = ["train", "validation", "test", "newVoice"];

/**
 * @typedef {object} CorpusOptions
 * @property {Record<UsualPart, number> & {transfer?: number}} seconds of speech in each part, said once; a part is complete
 *   with the sentence that reaches it. `transfer`, which may be absent, is further speech as that of the training part, by
 *   speakers of its own, for a teacher to label; the other parts are the same with it and without
 * @property {number} seed
 * @property {readonly number[]} snrDb each sentence has one of these levels of noise, drawn evenly
 * @property {"all" | "digits"} words digits alone make a small vocabulary, for trying things out
 * @property {readonly Manner["voice"][]} [voices] of train, validation and test; default all but the new voice
 * @property {number} [speakersPerVoice] in train; default 6
 * @property {number} [testDraw] from 1 (the default) on: another one has the same training and validation parts, and other
 *   test and new-voice parts, of other speakers, sentences and noise
 * @property {number} [noiseDraws] from 1 (the default) on: how often the training part has each of its sentences, said
 *   alike, every time under noise of its own; the first time as if there were no other
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
 * @property {number} seconds of sound, all drawings of noise
 * @property {number} rejected sentences that were not spoken as the lexicon says
 */

/** @typedef {Record<UsualPart, CorpusPart> & {transfer?: CorpusPart}} CorpusParts */
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

/** @type {Record<Part, import("./texts.mjs").Side>} */
const sides = {
  train: "train",
  validation: "validation",
  test: "test",
  newVoice: "test",
  transfer: "train",
};

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
    transfer: list("transfer", 2 * speakersPerVoice), // last: no other part's speakers depend on it
  };
}

/**
 * @param {CorpusOptions} options @param {Tools} tools
 * @param {(part: Part, seconds: number) => void} [onProgress]
 * @returns {Promise<Corpus>}
 */
export async function makeCorpus(options, tools, onProgress = () => undefined) {
  const { testDraw = 1, noiseDraws = 1 } = options;
  for (const [name, value] of Object.entries({ testDraw, noiseDraws }))
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`${name} is ${value}: give an integer from 1 on`);
  const words = options.words === "digits" ? wordClasses.digit : vocabulary;
  const lexicon = makeLexicon(words, tools.synthesize);
  const speakers = makeSpeakers(options, tools.randomStream);
  const said = new Set();
  /** @type {Partial<Record<Part, CorpusPart>>} */
  const made = {};
  for (const part of partsOf(options)) {
    const sentences = drawSentences(part, options, tools, said);
    made[part] = await speakPart(part, speakers[part], sentences, {
      options,
      tools,
      lexicon,
      onProgress,
    });
  }
  const corpus = /** @type {CorpusParts} */ (made);
  assertDisjoint(corpus);
  return { lexicon, parts: corpus };
}

/** @returns {readonly Part[]} what is made, in this order */
const partsOf = (/** @type {CorpusOptions} */ { seconds }) =>
  seconds.transfer === undefined ? parts : [...parts, "transfer"];

/**
 * Sentences of a part, none of them said before in any part.
 *
 * @param {Part} part @param {CorpusOptions} options @param {Tools} tools @param {Set<string>} said
 */
function* drawSentences(part, options, { randomStream }, said) {
  const { seed, words } = options;
  const stream = randomStream(seed, "sentences", part, ...drawOf(part, options));
  const side = sides[part];
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
 * @param {{options: CorpusOptions, tools: Tools, lexicon: Map<string, string[]>,
 *   onProgress: (part: Part, seconds: number) => void}} context
 * @returns {Promise<CorpusPart>}
 */
async function speakPart(part, speakers, sentences, { options, tools, lexicon, onProgress }) {
  const { seed, noiseDraws = 1 } = options;
  const draws = part === "train" ? noiseDraws : 1;
  /** @type {Recording[]} */
  const recordings = [];
  let [seconds, rejected] = [0, 0]; // said once
  for (let number = 0; seconds < (options.seconds[part] ?? 0); number++) {
    const words = /** @type {string[]} */ (sentences.next().value);
    const manner = speakers[number % speakers.length];
    const speech = tools.synthesize(words.join(" "), manner);
    if (speech.sampleRate !== tools.frame.sampleRate)
      throw new Error(`${manner.voice} speaks at ${speech.sampleRate} Hz`);
    const heard = speech.phones.filter(isSpoken).map(({ name }) => name);
    if (heard.join(" ") !== words.flatMap((word) => lexicon.get(word) ?? []).join(" ")) {
      rejected++;
      continue;
    }
    for (let draw = 1; draw <= draws; draw++) {
      const again = draw === 1 ? [] : [`again ${draw}`];
      const key = [seed, "noise", part, number, ...drawOf(part, options), ...again];
      const stream = tools.randomStream(...key);
      recordings.push(await record({ words, manner, speech }, stream, { options, tools }));
    }
    seconds += speech.samples.length / speech.sampleRate;
    onProgress(part, seconds);
  }
  return {
    utterances: recordings.map(({ utterance }) => utterance),
    features: joined(
      Float32Array,
      recordings.map(({ features }) => features),
    ),
    states: joined(
      Int32Array,
      recordings.map(({ states }) => states),
    ),
    seconds: draws * seconds,
    rejected,
  };
}

/** @typedef {{utterance: Utterance, features: Float32Array, states: Int32Array}} Recording */

/**
 * What is heard of a spoken sentence under noise, whose kind, level and samples the stream draws.
 *
 * @param {{words: string[], manner: Manner, speech: ReturnType<Tools["synthesize"]>}} sentence
 * @param {ReturnType<Tools["randomStream"]>} stream
 * @param {{options: CorpusOptions, tools: Tools}} context
 * @returns {Promise<Recording>}
 */
async function record({ words, manner, speech }, stream, { options, tools }) {
  const { frame, segmentOfFrames } = tools;
  const { samples: clean, phones: spoken } = speech;
  const kind = noises[stream.integer(noises.length)];
  const snrDb = options.snrDb[stream.integer(options.snrDb.length)];
  const noise = makeNoise(kind, clean.length, stream);
  const features = await tools.logMel(withNoise(clean, noise, snrDb));
  const frames = features.length / frame.mels;
  const { segment, part: third } = segmentOfFrames(spoken, frames, statesPerPhone, frame);
  return {
    features,
    states: segment.map((at, i) => statesOf(spoken[at].name)[third[i]]),
    utterance: {
      words,
      speaker: `${manner.voice} ${manner.stretch} ${manner.pitch}`,
      frames,
      noise: kind,
      snrDb,
      speechHash: hashOf(clean),
      noiseHash: hashOf(noise),
    },
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

function assertDisjoint(/** @type {CorpusParts} */ corpus) {
  for (const of of /** @type {const} */ (["words", "speaker", "speechHash", "noiseHash"])) {
    const seen = new Map();
    for (const [part, { utterances }] of Object.entries(corpus))
      for (const utterance of utterances) {
        const value = String(utterance[of]);
        if ((seen.get(value) ?? part) !== part)
          throw new Error(`${of} "${value}" in ${seen.get(value)} and ${part}`);
        seen.set(value, part);
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
