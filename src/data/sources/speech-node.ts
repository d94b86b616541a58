/** @file Recordings of speech in a folder, each with a file of labels, as frames. */

import { dirname, extname, join } from "node:path";
import { ConfigError, DataError } from "../../errors/index.ts";
import type { FrameRecording } from "../audio/frames-dataset.ts";
import { readRecording } from "../audio/read-audio-node.ts";
import { parseTranscripts } from "../audio/recordings.ts";
import { parseSegments } from "../audio/segment-file.ts";
import { segmentOfFrames } from "../audio/segment-labels.ts";
import { UNLABELLED } from "../dataset.ts";
import { sortedClasses } from "./classes.ts";
import type { LoadedData, SpeechFiles, SpeechSpec } from "./data-spec.ts";
import { decodeText } from "./decode-text.ts";
import { filesBelow } from "./files-below-node.ts";
import { buildFrames, type NamedFrames } from "./frames-node.ts";
import { readFileBytes } from "./read-file-node.ts";

/** From sound to frames: `openLogMelFrames` gives it. */
export interface SoundFrames {
  /** Hz */
  readonly sampleRate: number;
  readonly frameLength: number;
  readonly hop: number;
  /** numbers in a frame */
  readonly mels: number;
  /** float32 [samples] → float32 [frames, mels] */
  readonly frames: (samples: Float32Array) => Promise<Float32Array>;
}

/** One recording as read: classes still as names, "" where not known. */
interface Read {
  readonly name: string;
  readonly features: Float32Array;
  readonly states: readonly string[];
  readonly words: readonly string[] | undefined;
}

/**
 * Loads recordings: NAME.wav (FLAC, MP3) with its labels in NAME.lab, and perhaps what is said in
 * NAME.txt, files in code-point order of their paths.
 *
 * @throws ConfigError "config/missing" without `sound`; DataError "file/…" as readRecording,
 *   "data/empty" without a recording, "data/segments" and "data/transcript" for files that cannot
 *   be read, "data/class" for a label that no class is named after
 */
export async function loadSpeech(
  spec: SpeechSpec,
  sound: SoundFrames | undefined,
): Promise<LoadedData> {
  if (sound === undefined)
    throw new ConfigError("config/missing", {
      where: "loadData",
      rule: "source: speech needs what makes frames of sound",
      got: "none",
      fix: "Give loadData(spec, { sound: { ...speechLogMel, ...(await openLogMelFrames(runtime)) } })",
    });
  const train = await readFolder(spec, spec, sound);
  const test = spec.test && (await readFolder(spec.test, spec, sound));
  const further = spec.transfer && (await readUnlabelled(spec.transfer, sound));
  const classNames =
    spec.classNames ??
    sortedClasses(train.flatMap(({ states }) => states).filter((name) => name !== ""));
  const numbers = new Map(classNames.map((name, at) => [name, at]));
  const part = (
    folder: string,
    read: readonly Read[],
    others: readonly FrameRecording[] = [],
  ): NamedFrames => ({
    name: folder,
    frames: {
      recordings: [...read.map((one) => numbered(folder, one, numbers)), ...others],
      features: sound.mels,
      labels: undefined,
    },
  });
  return buildFrames(
    { ...spec, logMel: "speech" },
    part(spec.folder, train, further),
    test && part(spec.test!.folder, test), // it was read from there
    classNames,
  );
}

/** @returns the recording's speaker: the folder that it lies in, or its own path */
function speakerOf(folder: string, name: string): string {
  const speaker = dirname(name);
  return speaker === "." ? join(folder, name) : speaker;
}

function numbered(folder: string, one: Read, numbers: ReadonlyMap<string, number>): FrameRecording {
  return {
    features: one.features,
    group: speakerOf(folder, one.name),
    ...(one.words && { words: one.words }),
    labels: one.states.map((name) => {
      const number = name === "" ? UNLABELLED : numbers.get(name);
      if (number !== undefined) return number;
      throw new DataError("data/class", {
        where: join(folder, one.name),
        rule: "every label must be one of the classes",
        got: `"${name}"`,
        fix: "Correct the label file, or name every class in classNames",
        details: { class: name },
      });
    }),
  };
}

/** Endings of recordings. */
export const soundNames: readonly string[] = [".wav", ".flac", ".mp3"];

/** @returns names of recordings and of all files. @throws DataError "data/empty" */
async function recordingsIn(
  folder: string,
): Promise<Record<"sounds" | "names", readonly string[]>> {
  const names = await filesBelow(folder, "a folder of recordings");
  const sounds = names.filter((name) => soundNames.includes(extname(name).toLowerCase()));
  if (sounds.length > 0) return { sounds, names };
  throw new DataError("data/empty", {
    where: folder,
    rule: "there must be a recording, a .wav, .flac or .mp3 file",
    got: names.length === 0 ? "an empty folder" : "other files",
    fix: "Check that the right folder was given",
  });
}

async function featuresOf(file: string, sound: SoundFrames): Promise<Float32Array> {
  const { samples } = await readRecording(file, { sampleRate: sound.sampleRate });
  return sound.frames(samples);
}

async function readUnlabelled(
  { folder }: SpeechFiles,
  sound: SoundFrames,
): Promise<readonly FrameRecording[]> {
  const { sounds } = await recordingsIn(folder);
  const read: FrameRecording[] = [];
  for (const name of sounds)
    read.push({
      features: await featuresOf(join(folder, name), sound),
      group: speakerOf(folder, name),
      isTransfer: true,
    });
  return read;
}

async function readFolder(
  { folder }: SpeechFiles,
  { statesPerPhone = 1, labelTimes = "seconds" }: SpeechSpec,
  sound: SoundFrames,
): Promise<readonly Read[]> {
  const { sounds, names } = await recordingsIn(folder);
  const read: Read[] = [];
  for (const name of sounds) {
    const [labels, words] = [".lab", ".txt"].map((end) => name.replace(/\.[^.]+$/, end));
    const features = await featuresOf(join(folder, name), sound);
    const text = await textOf(join(folder, labels!), "labels of a recording");
    const segments = parseSegments(text, join(folder, labels!), labelTimes);
    const count = features.length / sound.mels;
    const { segment, part } = segmentOfFrames(segments, count, statesPerPhone, sound);
    const states = Array.from(segment, (at, frame) => {
      const phone = segments[at]!.name;
      return phone === "" || statesPerPhone === 1 ? phone : `${phone}-${part[frame]! + 1}`;
    });
    const said = names.includes(words!) ? await wordsOf(join(folder, words!)) : undefined;
    read.push({ name, features, states, words: said });
  }
  return read;
}

async function textOf(file: string, what: string): Promise<string> {
  return decodeText(await readFileBytes(file, what), file, what);
}

async function wordsOf(file: string): Promise<readonly string[]> {
  return parseTranscripts(await textOf(file, "what is said"), file, 1)[0]!; // one recording
}
