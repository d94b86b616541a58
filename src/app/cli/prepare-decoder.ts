/** @file From the recipe's section `decoder` to a recogniser; all that can be refused is, here. */

import { createHash } from "node:crypto";
import { type Dataset, subset, wholeRecordings } from "../../data/index.ts";
import { readFileBytes } from "../../data/sources/index-node.ts";
import { assertRecognizable, type RecognitionOptions, transcribed } from "../../distill/index.ts";
import { DataError, isDistillError } from "../../errors/index.ts";
import { makeRecognizer, parseLexicon, phoneStates, pronunciations } from "../../speech/index.ts";
import {
  type DataParts,
  type DecoderRecipe,
  namedCandidates,
  type PlaceOf,
} from "../spec/index.ts";

export interface PreparedDecoder {
  readonly recognition: RecognitionOptions;
  /** of everything that it was made from, and of the transcripts it is judged by */
  readonly hash: string;
}

/**
 * @param placeOf a value's place in the recipe, which every refusal names first
 * @throws DataError "file/…", "data/lexicon", "data/word", "data/length", "data/transcript"
 */
export async function prepareDecoder(
  decoder: DecoderRecipe,
  { whole, validation, test }: Pick<DataParts, "whole" | "validation" | "test">,
  placeOf: PlaceOf,
): Promise<PreparedDecoder> {
  const at = <T>(keys: readonly string[], work: () => T): T =>
    placed(placeOf(["decoder", ...keys]), work);
  const { lexicon: file } = decoder;
  const text = await atPlace(placeOf(["decoder", "lexicon"]), textOf(file, "a lexicon"));
  const lexicon = at(["lexicon"], () =>
    pronunciations(parseLexicon(text, file), whole.classNames, file),
  );
  const sentences = await sentencesOf(decoder, whole, placeOf);
  const known = new Set(lexicon.map(({ word }) => word));
  at([sentences.key], () => assertKnown(sentences, known));
  const silence = at(["silence"], () => silenceOf(decoder.silence, whole.classNames));
  const recognizer = at(["lexicon"], () =>
    makeRecognizer({
      lexicon,
      silence,
      sentences: sentences.words,
      ...(decoder.languageModel?.strength !== undefined && {
        strength: decoder.languageModel.strength,
      }),
      labels: whole.labels,
      lengths: wholeRecordings(whole.recordings!).map(({ frames }) => frames), // of source: frames
      states: whole.classNames.length,
    }),
  );
  const parts = test === null ? [validation] : [validation, test];
  for (const part of parts) at(["lexicon"], () => assertRecognizable(recognizer, part));
  const said = parts.map((part) => transcribed(part).map(({ words }) => words));
  const content = JSON.stringify([text, sentences.words, said]);
  return {
    recognition: { recognizer, candidates: namedCandidates(decoder) },
    hash: createHash("sha256").update(content).digest("hex"),
  };
}

interface Sentences {
  readonly words: readonly (readonly string[])[];
  /** key of the section that they come from */
  readonly key: "languageModel" | "lexicon";
  /** names a sentence in messages */
  readonly nameOf: (at: number) => string;
}

/** The language model's: a text of its own, or what is said in the training part. */
async function sentencesOf(
  { languageModel }: DecoderRecipe,
  whole: Dataset,
  placeOf: PlaceOf,
): Promise<Sentences> {
  const file = languageModel?.text;
  if (file === undefined) {
    const recordings = transcribed(spokenPart(whole));
    return {
      words: recordings.map(({ words }) => words),
      key: "lexicon",
      nameOf: (at) => `${whole.name}, transcript ${recordings[at]!.number + 1}`,
    };
  }
  const place = placeOf(["decoder", "languageModel", "text"]);
  const lines = (await atPlace(place, textOf(file, "sentences")))
    .split(/\r?\n/)
    .map((line) => line.split(/\s+/).filter((word) => word !== ""));
  const filled = [...lines.keys()].filter((at) => lines[at]!.length > 0);
  return {
    words: filled.map((at) => lines[at]!),
    key: "languageModel",
    nameOf: (at) => `${file}, line ${filled[at]! + 1}`,
  };
}

/** @returns recordings of which it is known what is said: not those of the transfer set */
export function spokenPart(whole: Dataset): Dataset {
  const { of = [], words = null } = whole.recordings ?? {};
  if (words === null) return whole;
  const known = [...of.keys()].filter((at) => words[of[at]!] !== null);
  return subset(whole, known, whole.name);
}

function assertKnown({ words, nameOf }: Sentences, known: ReadonlySet<string>): void {
  words.forEach((sentence, at) => {
    const word = sentence.find((each) => !known.has(each));
    if (word === undefined) return;
    throw new DataError("data/word", {
      where: nameOf(at),
      rule: "every word that the language model learns must have a pronunciation in the lexicon",
      got: `"${word}"`,
      fix: "Add it to the lexicon, or leave its sentence out",
      details: { word },
    });
  });
}

function silenceOf(phone: string, classNames: readonly string[]): readonly number[] {
  const states = phoneStates(classNames)(phone);
  if (states.length > 0) return states;
  throw new DataError("data/lexicon", {
    where: "decoder.silence",
    rule: "silence must be a phone that the classes are named after",
    got: `"${phone}"`,
    fix: "Name the class of silence, or its states PHONE-1, …",
    details: { phone },
  });
}

async function textOf(file: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readFileBytes(file, what));
}

/** What is thrown names the recipe's place first. */
function placed<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw withPlace(place, error);
  }
}

async function atPlace<T>(place: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw withPlace(place, error);
  }
}

function withPlace(place: string, error: unknown): unknown {
  if (!isDistillError(error)) return error;
  const { code, message, details } = error;
  const rule = message.replace(/\.$/, "");
  return new DataError(code, { where: place, rule, details, cause: error });
}
