/** @file Loads data for commands: recordings of speech become frames here. */

import type { DataSpec, LoadedData } from "../../data/index.ts";
import { loadData } from "../../data/sources/index-node.ts";
import { nodeRuntime } from "../../engine/runtime/node.ts";
import { openLogMelFrames, speechLogMel } from "../../speech/index.ts";

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
