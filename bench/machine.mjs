/** @file The machine that a row was measured on, and the day. */

import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Of Linux: what tells apart processors that one name stands for, at half and double the speed. */
function generation() {
  const file = "/proc/cpuinfo";
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const number = (field) => new RegExp(`^${field}\\s*: (\\d+)$`, "m").exec(text)?.[1];
  const [family, model] = [number("cpu family"), number("model")];
  return family === undefined ? [] : [`family ${family}`, `model ${model}`];
}

/** "AMD EPYC, family 25, model 17, 2 cores" */
export const machine = [cpus()[0].model.trim(), ...generation(), `${cpus().length} cores`].join(", ");

export const today = () => new Date().toISOString().slice(0, 10);
