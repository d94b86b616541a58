/** @file What the speech experiment measures: correct frames and word errors of acoustic models on parts of the corpus. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alignWords, errorsOf, frameCounts, wordErrorRate } from "potstill/evaluate";
import { combineMembers, loadData } from "potstill/node";
import {
  bigramLanguageModel,
  meanStateFrames,
  statePriors,
  wordLoop,
} from "potstill/speech";
import { statesOf } from "../../scripts/speech/corpus.mjs";

/** Opens the corpus in a folder: data sets, all standardised over the training part, and what was said. */
export async function openCorpus(folder) {
  const corpus = JSON.parse(readFileSync(join(folder, "corpus.json"), "utf8"));
  const files = (part) => ({
    features: join(folder, `${part}-features.npy`),
    labels: join(folder, `${part}-states.npy`),
    lengths: join(folder, `${part}-lengths.npy`),
    groups: join(folder, `${part}-speakers.npy`),
  });
  const data = {};
  for (const part of Object.keys(corpus.parts).filter((part) => part !== "train")) {
    const spec = { source: "frames", classNames: corpus.stateNames, ...files("train"), test: files(part) };
    const { train, test } = await loadData(spec);
    data.train ??= train;
    data[part] = test;
  }
  const lengths = (part) => corpus.parts[part].utterances.map(({ frames }) => frames);
  const said = (part) => corpus.parts[part].utterances.map(({ words }) => words);
  return { corpus, data, lengths, said };
}

/** The recogniser's fixed parts, from the training part alone. */
export function makeRecognizer({ corpus, data, lengths, said }) {
  const states = corpus.stateNames.length;
  // each once, however many drawings of noise it has
  const sentences = new Map(said("train").map((words) => [words.join(" "), words]));
  const { labels } = data.train;
  const loop = wordLoop({
    lexicon: Object.entries(corpus.lexicon).map(([word, phones]) => ({ word, states: phones.flatMap(statesOf) })),
    silence: statesOf("pau"),
    languageModel: bigramLanguageModel([...sentences.values()], Object.keys(corpus.lexicon), { strength: 10 }),
    states,
    meanFrames: meanStateFrames(labels, lengths("train"), states),
  });
  return { loop, priors: statePriors(labels, states) };
}

/**
 * Scores of every model over a part, recording by recording, so that all members' scores of a part are never in memory.
 *
 * @yields {{recording: number, frames: number, scores: Map<string, Float32Array>}} float32 [frames, states] of each system:
 *   the teacher's members by number, and "ensemble" if it has several
 */
export async function* scoresOf(teacher, dataset, lengths) {
  const { shape, dtype } = dataset;
  const size = shape.reduce((product, side) => product * side, 1);
  const [members, states] = [teacher.members.length, teacher.classCount];
  let from = 0;
  for (const [recording, frames] of lengths.entries()) {
    const data = new Float32Array(frames * size);
    await dataset.gather(
      Int32Array.from({ length: frames }, (_, i) => from + i),
      data,
    );
    const samples = { dtype, shape: [frames, ...shape], data };
    const answer = await teacher.logits({ samples, keys: new Array(frames).fill(""), view: 0 });
    const scores = new Map();
    for (let member = 0; member < members; member++) {
      const own = new Float32Array(frames * states);
      for (let frame = 0; frame < frames; frame++) {
        const at = (frame * members + member) * states;
        own.set(answer.subarray(at, at + states), frame * states);
      }
      scores.set(String(member), own);
    }
    if (members > 1) {
      const combined = new Float32Array(frames * states);
      for (let frame = 0; frame < frames; frame++) {
        const own = answer.subarray(frame * members * states, (frame + 1) * members * states);
        combined.set(combineMembers(own, members, { method: teacher.combine }), frame * states);
      }
      scores.set("ensemble", combined);
    }
    yield { recording, frames, scores };
    from += frames;
  }
}

/** Scores of each system of a teacher over a part: by its name, float32 [frames, states] of each recording. */
export async function scoresBySystem(teacher, dataset, lengths) {
  const recordings = new Map();
  for await (const { scores } of scoresOf(teacher, dataset, lengths))
    for (const [name, own] of scores) {
      if (!recordings.has(name)) recordings.set(name, []);
      recordings.get(name).push(own);
    }
  return recordings;
}

/** What is tried, in this order; each weight with the best of those before it, until a round finds nothing better. */
const tried = {
  languageModelWeight: [1, 2, 3, 5, 8, 12],
  priorWeight: [0.3, 0.6, 1, 1.4],
  wordInsertionPenalty: [-5, 0, 5, 10, 15, 20, 30, 45, 60],
};

/**
 * The decoder's weights with few word errors, on the validation part, in the mean of systems of one kind.
 *
 * @param systems of each system its recordings, float32 [frames, states]
 */
export async function tuneDecoder(decoder, systems, said) {
  const known = new Map();
  const meanErrors = async (weights) => {
    const key = Object.keys(tried).map((name) => weights[name]).join();
    if (!known.has(key)) {
      let sum = 0;
      for (const recordings of systems) {
        const decoded = await Promise.all(recordings.map((logits) => decoder.decode(logits, weights)));
        sum += wordErrorRate(decoded.map((words, at) => alignWords(said[at], words)));
      }
      known.set(key, sum / systems.length);
    }
    return known.get(key);
  };
  let best = { wer: Number.POSITIVE_INFINITY, weights: { priorWeight: 0.6, wordInsertionPenalty: 0 } };
  let before;
  do {
    before = best.wer;
    for (const [name, values] of Object.entries(tried)) {
      const { weights: others } = best;
      for (const value of values) {
        const weights = { ...others, [name]: value };
        const wer = await meanErrors(weights);
        if (wer < best.wer) best = { wer, weights };
      }
    }
  } while (best.wer < before);
  return best;
}

/** Recordings whose words may be waited for while the next ones are scored. */
const ahead = 8;

/** Correct frames and word errors of each recording, for every system of a teacher. */
export async function measure(decoder, teacher, dataset, lengths, said, weightsOf) {
  const systems = {};
  const open = [];
  const count = async ({ recording, answers }) => {
    for (const [name, answer] of answers) {
      const system = systems[name];
      const alignment = alignWords(said[recording], await answer);
      system.errors.push(errorsOf(alignment));
      for (const kind of ["substitutions", "deletions", "insertions"]) system[kind] += alignment[kind];
    }
  };
  let from = 0;
  for await (const { recording, frames, scores } of scoresOf(teacher, dataset, lengths)) {
    const labels = dataset.labels.subarray(from, from + frames);
    const answers = [];
    for (const [name, logits] of scores) {
      const system = (systems[name] ??= { correct: [], errors: [], substitutions: 0, deletions: 0, insertions: 0 });
      system.correct.push(frameCounts(logits, labels, [frames]).correct[0]);
      answers.push([name, decoder.decode(logits, weightsOf(name))]);
    }
    open.push({ recording, answers });
    while (open.length > ahead) await count(open.shift());
    from += frames;
  }
  for (const each of open) await count(each);
  return systems;
}

/** What every system of a teacher hears in recordings without labels of frames: words, and errors in all of them. */
export async function heard(decoder, teacher, { dataset, lengths, said }, weightsOf) {
  const systems = {};
  for await (const { recording, scores } of scoresOf(teacher, dataset, lengths))
    for (const [name, logits] of scores) {
      const system = (systems[name] ??= { heard: [], errors: 0 });
      const words = await decoder.decode(logits, weightsOf(name));
      system.heard.push(words);
      system.errors += errorsOf(alignWords(said[recording], words));
    }
  return systems;
}
