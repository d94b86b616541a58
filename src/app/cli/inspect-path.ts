/**
 * @file The work of potstill inspect: finds out what a path holds from its first bytes, and
 * describes it.
 */

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { loadData, readFileBytes } from "../../data/sources/index-node.ts";
import { withExternalData } from "../../distill/onnx-file-node.ts";
import { DataError, isDistillError } from "../../errors/index.ts";
import { parseRecipe } from "../spec/index.ts";
import {
  describeArrays,
  describeModel,
  describeOnnx,
  describeSafetensors,
} from "./inspect-binary.ts";
import { openPackageFolder } from "./package-folder.ts";
import { readReport } from "./read-report.ts";
import { readRecord } from "./run-record.ts";

/**
 * @returns lines of text. @throws DataError "file/missing", "file/unknown", or what the format's
 * reader refuses
 */
export async function inspectPath(path: string): Promise<readonly string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory() === true) return inspectFolder(path);
  const bytes = await readFileBytes(path, "the file");
  const lines = (await inspectBytes(bytes, path)) ?? (await inspectText(bytes, path));
  if (lines !== undefined) return lines;
  throw unknown(path, `first bytes ${firstBytes(bytes)}`);
}

async function inspectFolder(path: string): Promise<readonly string[]> {
  const names = await readdir(path);
  if (names.includes("run.json")) return describeRun(path, names);
  if (names.includes("manifest.json") || names.includes("progress.json"))
    return describePackage(path);
  throw unknown(
    path,
    names.length === 0 ? "an empty folder" : `a folder with ${names.slice(0, 5).join(", ")}`,
  );
}

async function describeRun(path: string, names: readonly string[]): Promise<readonly string[]> {
  const read = async (name: string): Promise<Uint8Array> =>
    readFileBytes(join(path, name), "the run's file");
  const record = await readRecord({ location: path, read });
  const { identity, status, recipe, started, resumed, error } = record;
  const head = [
    `${path}: run of recipe "${recipe}", ${status}`,
    `command   ${record.commandLine}`,
    `started   ${started}${resumed > 0 ? `, resumed ${resumed} time(s)` : ""}`,
    `versions  potstill ${identity.version}, ${identity.runtime} ${identity.runtimeVersion}, node ${identity.node}, ${identity.threads} thread(s)`,
    `data      ${identity.dataHash}`,
    `teacher   ${identity.teacherHash}`,
    ...(error === null ? [] : [`error     [${error.code}] ${error.message}`]),
    ...(status === "done" ? [] : [`resume    potstill distill --resume ${path}`]),
  ];
  if (!names.includes("report.json")) return head;
  const card = await cardOf(await read("report.json"), join(path, "report.json"));
  return [...head, "", card];
}

async function cardOf(bytes: Uint8Array, where: string): Promise<string> {
  const { renderCard } = await import("../report/index.ts"); // with its charts
  return renderCard(await readReport(bytes, where)).trimEnd();
}

async function describePackage(path: string): Promise<readonly string[]> {
  const { manifest } = await openPackageFolder(path);
  const { members, views, shards, sample, classNames, teacherInputs: seen } = manifest;
  const { teacherClasses: known } = manifest;
  const sizeBytes = shards.reduce((total, { bytes }) => total + bytes, 0);
  return [
    `${path}: soft-label package, whole and undamaged`,
    `samples   ${manifest.sampleCount} of ${sample.dtype} [${sample.shape.join(", ")}], ${manifest.withInputs ? "inside" : "not inside"}`,
    `classes   ${classNames.length}: ${classNames.join(", ")}`,
    `teacher   ${members.map(({ name, kind }) => `${name} (${kind})`).join(", ")}, combined by ${manifest.combine} mean`,
    ...(known ? [`          knows ${known.length} classes: ${known.join(", ")}`] : []),
    ...(seen
      ? [`          saw ${seen.name}, ${seen.sample.dtype} [${seen.sample.shape.join(", ")}]`]
      : []),
    `hashes    teacher ${manifest.teacherHash}`,
    `          data ${manifest.dataHash} (${manifest.dataName})`,
    `views     ${views.count}${views.augmentation === null ? "" : ` of ${JSON.stringify(views.augmentation)}, seed ${views.seed}`}`,
    `size      ${manifest.precision}, ${shards.length} shard(s), ${sizeBytes} bytes`,
    `made by   ${manifest.createdBy}`,
  ];
}

/** @returns undefined if the bytes are of no binary format that is known */
async function inspectBytes(
  bytes: Uint8Array,
  path: string,
): Promise<readonly string[] | undefined> {
  const [a, b] = bytes;
  if (
    a === 0x93 ||
    (a === 0x1f && b === 0x8b) ||
    (a === 0 && b === 0) ||
    (a === 0x50 && b === 0x4b)
  )
    return describeArrays(bytes, path);
  const headerLength =
    bytes.length < 9 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (bytes[8] === 0x7b && headerLength < bytes.length)
    return describeModel(bytes, path) ?? describeSafetensors(bytes, path);
  return path.endsWith(".onnx") || a === 0x08
    ? describeOnnx(await withExternalData(bytes, path), path)
    : undefined;
}

async function inspectText(
  bytes: Uint8Array,
  path: string,
): Promise<readonly string[] | undefined> {
  if (/\.ya?ml$/.test(path)) {
    const recipe = parseRecipe(new TextDecoder().decode(bytes), path);
    const { data, teacher, student, training, seeds } = recipe;
    return [
      `${path}: recipe "${recipe.name}", valid`,
      ...(recipe.description === undefined ? [] : [recipe.description.trim()]),
      `data      ${data === undefined ? "from the soft-label package" : data.source}`,
      `teacher   ${Object.keys(teacher).join(", ")}`,
      `student   ${JSON.stringify(student)}`,
      `training  ${training.epochs} epochs, seeds ${(seeds ?? [1, 2, 3, 4, 5]).join(", ")}`,
    ];
  }
  if (path.endsWith(".json")) return (await cardOf(bytes, path)).split("\n");
  if (!/\.(csv|tsv)$/.test(path)) return undefined;
  try {
    const { train } = await loadData({ source: "csv", file: path });
    return [
      `${path}: table of ${train.length} samples with ${train.shape.join(" x ")} features`,
      `classes   ${train.classNames.join(", ")} (from the last column)`,
    ];
  } catch (error) {
    if (!isDistillError(error) || error.code === "file/missing") throw error;
    const start = new TextDecoder().decode(bytes.subarray(0, 2 ** 16)); // holds line 1
    const [header = ""] = start.split("\n");
    return [
      `${path}: table, not usable without options`,
      `columns   ${header.trim()}`,
      error.message,
    ];
  }
}

function firstBytes(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function unknown(path: string, got: string): DataError {
  return new DataError("file/unknown", {
    where: path,
    rule: "this is none of the kinds that potstill inspect knows",
    got,
    fix: "Give an ONNX model, a safetensors file, a soft-label package, a run folder, a recipe, npy, npz, IDX or csv",
  });
}
