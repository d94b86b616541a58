/** @file Processor cores: how to compile for them, how to emulate them, and what is assumed. */

export const coreNames = [
  "cortex-m0plus",
  "cortex-m3",
  "cortex-m4",
  "cortex-m7",
  "cortex-m33",
  "rv32imc",
] as const;
export type CoreName = (typeof coreNames)[number];

export interface Core {
  readonly title: string;
  /** which kernels the exported C takes there */
  readonly path: "portable" | "dsp";
  /** undefined where there is no support for building and running an image */
  readonly emulated: { readonly flags: readonly string[]; readonly machine: string } | undefined;
  /** instructions for a multiply-accumulate, all overhead included, seen on small networks */
  readonly instructionsPerMac: number;
  /** assumed, not measured: from ideal memory to flash with wait states */
  readonly cyclesPerInstruction: readonly [low: number, high: number];
}

const hard = ["-mfloat-abi=hard"];

/** Emulated boards have the core, or one that runs all of its instructions. */
export const cores: Readonly<Record<CoreName, Core>> = {
  "cortex-m0plus": {
    title: "Cortex-M0+",
    path: "portable",
    emulated: { flags: ["-mcpu=cortex-m0plus"], machine: "mps2-an385" },
    instructionsPerMac: 9,
    cyclesPerInstruction: [1.2, 2],
  },
  "cortex-m3": {
    title: "Cortex-M3",
    path: "portable",
    emulated: { flags: ["-mcpu=cortex-m3"], machine: "mps2-an385" },
    instructionsPerMac: 6,
    cyclesPerInstruction: [1.2, 2],
  },
  "cortex-m4": {
    title: "Cortex-M4",
    path: "dsp",
    emulated: { flags: ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", ...hard], machine: "mps2-an386" },
    instructionsPerMac: 2.6,
    cyclesPerInstruction: [1.1, 1.8],
  },
  "cortex-m7": {
    title: "Cortex-M7",
    path: "dsp",
    emulated: { flags: ["-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16", ...hard], machine: "mps2-an500" },
    instructionsPerMac: 2.6,
    cyclesPerInstruction: [0.6, 1.2],
  },
  "cortex-m33": {
    title: "Cortex-M33",
    path: "dsp",
    emulated: { flags: ["-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", ...hard], machine: "mps3-an547" },
    instructionsPerMac: 2.6,
    cyclesPerInstruction: [1, 1.7],
  },
  rv32imc: {
    title: "RV32IMC",
    path: "portable",
    emulated: undefined,
    instructionsPerMac: 8,
    cyclesPerInstruction: [1, 1.8],
  },
};
