/** @file The Distiller for Node: runs in a worker thread, and takes teachers by file name. */

import { readFileBytes } from "../data/sources/index-node.ts";
import { nodeRuntime } from "../runtime/node.ts";
import { readModel } from "../train/index.ts";
import {
  Distiller as AnyDistiller,
  type DistillerOptions,
  type TeacherChoice,
} from "./distiller.ts";
import { networkTeacher } from "./teachers/network-teacher.ts";
import { type OnnxTeacherOptions, onnxTeacher } from "./teachers/onnx-teacher.ts";

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
 * @throws DataError "file/missing" for a teacher's file that is not there
 * @example
 *   const distiller = new Distiller({ teacher: "teacher.onnx", student: { family: "mlp", hidden:
 *   [32] } }); const { teacher, student, scratch } = await distiller.fit(data, { epochs: 20 });
 */
export class Distiller extends AnyDistiller {
  constructor({ teacher, ...options }: NodeDistillerOptions) {
    super({ ...options, teacher: openable(teacher) }, nodeRuntime);
  }
}

function openable(teacher: NodeDistillerOptions["teacher"]): TeacherChoice {
  if (typeof teacher === "string") return openable({ model: teacher });
  if (typeof teacher === "function" || !("model" in teacher)) return teacher;
  const { model: file, ...options } = teacher;
  return async (runtime, dataset) => {
    const bytes = await readFileBytes(file, "a teacher's model");
    if (!file.endsWith(".safetensors"))
      return onnxTeacher(runtime, { ...options, model: bytes, file, dataset });
    return networkTeacher(runtime, readModel(bytes, file));
  };
}
