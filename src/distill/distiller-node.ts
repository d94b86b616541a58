/** @file The Distiller for Node: runs in a worker thread, and takes teachers by file name. */

import { availableMemory } from "node:process";
import { readFileBytes } from "../data/sources/index-node.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type BoardSearch, boardSearch } from "./boards/board-search-node.ts";
import {
  Distiller as AnyDistiller,
  type Distillation,
  type DistillerData,
  type DistillerFitOptions,
  type DistillerOptions,
  type FoundDistillation,
  type TeacherChoice,
} from "./distiller.ts";
import type { DistillEvent } from "./events.ts";
import { readOnnxFile } from "./onnx-file-node.ts";
import type { StudentSearch } from "./search/plan-search.ts";
import { assertModelFits } from "./teachers/assert-model-fits.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import { type OnnxTeacherOptions, onnxTeacher } from "./teachers/onnx-teacher.ts";
import { readModel } from "./training/model-file.ts";

/** An .onnx file, or a model.safetensors of Potstill's own. */
export type TeacherFile = { readonly model: string } & Partial<
  Omit<OnnxTeacherOptions, "model" | "file" | "dataset">
>;

export interface NodeDistillerOptions extends Omit<DistillerOptions, "teacher"> {
  /** also: a file name, or `{ model: FILE, output, kind }` */
  readonly teacher: TeacherChoice | TeacherFile | string;
}

/**
 * Distils a student from a teacher.
 *
 * @throws DataError "file/missing" for a teacher's file that is not there; ConfigError "run/memory"
 *   for a step that is larger than `memoryBytes`, by default the memory that is free
 * @example
 *   const distiller = new Distiller({ teacher: "teacher.onnx", student: { family: "mlp", hidden:
 *   [32] } }); const { teacher, student, scratch } = await distiller.fit(data, { epochs: 20 });
 */
export class Distiller extends AnyDistiller {
  constructor({ teacher, ...options }: NodeDistillerOptions) {
    super({ ...options, teacher: openable(teacher) }, nodeRuntime);
  }

  override run(
    data: DistillerData,
    options: DistillerFitOptions = {},
  ): AsyncGenerator<DistillEvent, Distillation> {
    return super.run(data, { memoryBytes: availableMemory(), ...options });
  }

  /**
   * Finds the student of a board, then distils it: Distiller.search with a board's name.
   *
   * @throws ConfigError "config/unknown-name" with the nearest board; as Distiller.search
   * @example
   *   const { found, model } = await distiller.search(data, { board: "blue-pill", minAccuracy: 0.9
   *   });
   */
  override search(
    data: DistillerData,
    search: BoardSearch | StudentSearch,
    options: DistillerFitOptions = {},
  ): Promise<FoundDistillation> {
    return super.search(data, budgeted(search), options);
  }

  override runSearch(
    data: DistillerData,
    search: BoardSearch | StudentSearch,
    options: DistillerFitOptions = {},
  ): AsyncGenerator<DistillEvent, FoundDistillation> {
    return super.runSearch(data, budgeted(search), { memoryBytes: availableMemory(), ...options });
  }
}

const budgeted = (search: BoardSearch | StudentSearch): StudentSearch =>
  "board" in search ? boardSearch(search, "Distiller.search") : search;

function openable(teacher: NodeDistillerOptions["teacher"]): TeacherChoice {
  if (typeof teacher === "string") return openable({ model: teacher });
  if (typeof teacher !== "object" || teacher === null || !("model" in teacher)) return teacher;
  const { model: file, ...options } = teacher;
  return async (runtime, dataset, threads) => {
    if (!file.endsWith(".safetensors")) {
      const model = await readOnnxFile(file, "a teacher's model");
      return onnxTeacher(runtime, { ...threads, ...options, model, file, dataset });
    }
    const own = readModel(await readFileBytes(file, "a teacher's model"), file);
    assertModelFits(own, file, dataset);
    return networkTeacher(runtime, own, threads);
  };
}
