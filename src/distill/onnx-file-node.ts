/** @file An .onnx file, with the weights that lie in other files of its folder. */

import { open, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, win32 } from "node:path";
import { readFileBytes, systemCode } from "../data/sources/index-node.ts";
import { type ExternalPart, inlineExternalData } from "../engine/onnx/index.ts";
import { DataError } from "../errors/index.ts";

/**
 * Reads an ONNX model from disk. Tensors in files beside it (model.onnx.data) become a part of the
 * bytes; files outside of its folder are not read.
 *
 * @param what what the file should hold, for messages
 * @throws DataError "file/missing", "file/unreadable", of the model's file or one that it names;
 *   "file/external-data" for a path out of its folder, or an offset or a length beyond the file;
 *   as inlineExternalData
 * @example
 *   const teacher = await onnxTeacher(runtime, { model: await readOnnxFile(file), file, dataset });
 */
export async function readOnnxFile(path: string, what = "an ONNX model"): Promise<Uint8Array> {
  return withExternalData(await readFileBytes(path, what), path);
}

/** The model that was read from `path`, in one piece. @throws as readOnnxFile */
export function withExternalData(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  return inlineExternalData(bytes, path, async (parts) => {
    const found: Uint8Array<ArrayBuffer>[] = [];
    for (const part of parts) found.push(await readPart(path, part));
    return found;
  });
}

async function readPart(path: string, part: ExternalPart): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, length } = part;
  const handle = await open(await dataFile(path, part), "r").catch((error: unknown) => {
    throw unreadable(path, part, error);
  });
  try {
    const { size } = await handle.stat();
    if (offset + length > size) throw cutOff(path, part, size);
    const into = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(into, at, length - at, offset + at);
      if (bytesRead === 0) throw cutOff(path, part, offset + at); // it has become shorter
      at += bytesRead;
    }
    return into;
  } finally {
    await handle.close();
  }
}

/** @returns the real path of a file in the model's folder */
async function dataFile(path: string, part: ExternalPart): Promise<string> {
  const { location } = part;
  const isUpwards = location.split(/[\\/]/).includes("..");
  if (isUpwards || isAbsolute(location) || win32.isAbsolute(location))
    throw outside(path, part, location);
  const folder = await realpath(dirname(path));
  const file = await realpath(join(folder, location)).catch((error: unknown) => {
    throw unreadable(path, part, error);
  });
  const way = relative(folder, file);
  if (isAbsolute(way) || way.split(/[\\/]/)[0] === "..")
    throw outside(path, part, `${location}, a link to ${file}`);
  const found = await stat(file);
  if (!found.isFile()) throw unreadable(path, part, "no plain file");
  return file;
}

const inOneFile = "or save the model as one file";

function placeOf(path: string, { tensor, location }: ExternalPart) {
  return { where: `${path}, tensor "${tensor}"`, details: { file: path, tensor, location } };
}

function outside(path: string, part: ExternalPart, got: string): DataError {
  return new DataError("file/external-data", {
    ...placeOf(path, part),
    rule: "its data must lie in the model's own folder",
    got,
    fix: `Put the file itself beside ${basename(path)} and export the model again with its name, ${inOneFile}`,
  });
}

function cutOff(path: string, part: ExternalPart, size: number): DataError {
  const { location, offset, length } = part;
  return new DataError("file/external-data", {
    ...placeOf(path, part),
    rule: `its data are bytes ${offset} … ${offset + length - 1} of ${location}`,
    got: `a file of ${size} bytes`,
    fix: `Copy ${location} whole and from the same export as ${basename(path)}, ${inOneFile}`,
  });
}

function unreadable(path: string, part: ExternalPart, error: unknown): DataError {
  const reason = systemCode(error);
  const isMissing = reason === "ENOENT" || reason === "ENOTDIR";
  return new DataError(isMissing ? "file/missing" : "file/unreadable", {
    ...placeOf(path, part),
    rule: `its data lie in ${part.location}, in the model's folder, which must be readable`,
    got: isMissing ? "no such file" : (reason ?? String(error)),
    fix: `Put ${part.location} beside ${basename(path)}, ${inOneFile}`,
    cause: error,
  });
}
