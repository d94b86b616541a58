/** @file Loads data for commands: recordings of speech become frames here. */

import type { DataSpec, LoadedData } from "../data/index.ts";
import { loadData, readFileBytes } from "../data/sources/index-node.ts";
import { onnxEncoding, type SampleEncoding } from "../distill/index.ts";
import { nodeRuntime } from "../runtime/node.ts";
import { openLogMelFrames, speechLogMel } from "../speech/index.ts";
import { readModel } from "../train/index.ts";

/** As loadData, for every source. @throws as loadData */
export async function loadAnyData(spec: DataSpec): Promise<LoadedData> {
  if (spec.source !== "speech") return loadData(spec);
  const runtime = await nodeRuntime({ worker: false });
  try {
    const { frames } = await openLogMelFrames(runtime);
    return await loadData(spec, { sound: { ...speechLogMel, frames } });
  } finally {
    await runtime.close();
  }
}

/** @returns how a model's training samples were made; nothing for files of other tools */
export async function encodingOf(file: string): Promise<SampleEncoding> {
  const bytes = await readFileBytes(file, "a trained model");
  return file.endsWith(".onnx") ? onnxEncoding(bytes, file) : readModel(bytes, file);
}

/** @returns data whose text is numbered, and whose frames are standardised, as a model's were */
export function encodedAs({ text, standardization }: SampleEncoding, spec: DataSpec): DataSpec {
  if (spec.source === "text") return { ...spec, ...(text && { encoding: text }) };
  if (spec.source !== "frames" && spec.source !== "speech") return spec;
  return { ...spec, ...(standardization && { statistics: standardization }) };
}
