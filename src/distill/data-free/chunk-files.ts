/** @file Generated samples in a store, a batch a file: what an interrupted generation keeps. */

import { readSafetensors, type Store, writeSafetensors } from "../../data/index.ts";
import type { Tensor } from "../../engine/tensor/index.ts";
import { DataError } from "../../errors/index.ts";
import type { MadeBatch } from "./batch-maker.ts";

const nameOf = (chunk: number): string => `${String(chunk).padStart(5, "0")}.safetensors`;

/**
 * @param identity of what its samples depend on
 * @returns the samples of a batch, or undefined if it was not made yet
 * @throws DataError "run/other-settings" for samples made otherwise; as readSafetensors
 */
export async function readChunk(
  store: Store,
  chunk: number,
  identity: string,
): Promise<MadeBatch["data"] | undefined> {
  const name = nameOf(chunk);
  const bytes = await store.read(name);
  if (bytes === undefined) return undefined;
  const where = `${store.location}/${name}`;
  const { tensors, metadata } = readSafetensors(bytes, where);
  const samples = tensors.get("samples");
  if (metadata.identity === identity && samples !== undefined)
    return samples.data as MadeBatch["data"]; // of the dtype that the identity has
  throw new DataError("run/other-settings", {
    where,
    rule: "samples are made on only with the teacher and settings that they were begun with",
    got: "samples of another teacher or other settings",
    fix: "Give the same teacher and settings again, or another folder",
  });
}

export async function writeChunk(
  store: Store,
  chunk: number,
  identity: string,
  samples: Tensor,
): Promise<void> {
  await store.write(nameOf(chunk), writeSafetensors({ samples }, { identity }));
}
