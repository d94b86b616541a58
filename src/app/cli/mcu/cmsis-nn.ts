/** @file Compiles a copy of CMSIS-NN for the images of networks that call it. */

import { mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Emulation } from "../../../distill/boards/index-node.ts";
import type { Library } from "./image.ts";
import { type Run, toolchainOf } from "./toolchain.ts";

/** A core with Helium, Arm's vector instructions. */
export const cortexM55: Emulation = {
  family: "arm",
  flags: ["-mcpu=cortex-m55", "-mfloat-abi=hard", "-mthumb"],
  machine: "mps3-an547",
};

/** Its folders of weighted layers, and of what these use. */
const called = /^(Convolution|FullyConnected|NNSupport|Transpose)Functions/;

export interface CmsisNnRequest {
  /** folder of a copy of github.com/ARM-software/CMSIS-NN */
  readonly source: string;
  /** where objects and archive go; made if it is not there */
  readonly folder: string;
  /** default the host itself, for tests of the portable kernels */
  readonly emulation?: Emulation;
  /** runs a program */
  readonly run: Run;
}

/**
 * Compiles CMSIS-NN's integer kernels of weighted layers as its own build does (-Ofast), with two
 * roundings.
 *
 * @returns what networks named "student" need to be compiled with calls of it, and to be linked
 */
export function buildCmsisNn({ source, folder, emulation, run }: CmsisNnRequest): Library {
  const { compiler, prefix } = emulation ? toolchainOf(emulation) : { compiler: "gcc", prefix: "" };
  const include = resolve(source, "Include");
  const sources = readdirSync(join(source, "Source"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".c") && called.test(path) && !/f16|f32|flt/.test(path))
    .map((path) => resolve(source, "Source", path));
  mkdirSync(folder, { recursive: true });
  const objects = sources.map((path) => {
    const object = join(resolve(folder), path.replace(/^.*[/\\](.*)\.c$/, "$1.o"));
    const flags = [...(emulation?.flags ?? []), "-Ofast", "-ffunction-sections", "-w"];
    run(compiler, ...flags, `-I${include}`, "-c", path, "-o", object);
    return object;
  });
  const archive = join(resolve(folder), "libcmsis-nn.a");
  run(`${prefix}ar`, "rcs", archive, ...objects);
  return { flags: ["-DSTUDENT_CMSIS_NN", "-isystem", include], archive };
}
