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

/** How images for a core are built and run without a board. */
export interface Emulation {
  readonly family: "arm" | "riscv";
  /** of the compiler */
  readonly flags: readonly string[];
  /** QEMU's name of a board with the core, or with one that runs all of its instructions */
  readonly machine: string;
}

export interface Core {
  readonly title: string;
  /** which kernels the exported C takes there */
  readonly path: "portable" | "dsp";
  readonly emulation: Emulation;
  /** instructions for a multiply-accumulate, all overhead included, seen on small networks */
  readonly instructionsPerMac: number;
  /** instructions of a log-mel front end for each sample of a frame; see `heard` */
  readonly instructionsPerFrameSample: number;
  /** assumed, not measured: from ideal memory to flash with wait states */
  readonly cyclesPerInstruction: readonly [low: number, high: number];
}

/**
 * Of frames of 400 samples with 40 filters, emulated (docs/mcu.md): no part of a frame's work hangs
 * on its sound. A Cortex-M7 and an M33 multiply as an M4 does.
 */
const heard = { m0plus: 929, m3: 173, m4: 172, rv32: 262 } as const;

const hard = "-mfloat-abi=hard";

const arm = (machine: string, ...flags: readonly string[]): Emulation => ({
  family: "arm",
  flags: [...flags, "-mthumb"],
  machine,
});

export const cores: Readonly<Record<CoreName, Core>> = {
  "cortex-m0plus": {
    title: "Cortex-M0+",
    path: "portable",
    emulation: arm("mps2-an385", "-mcpu=cortex-m0plus"),
    instructionsPerMac: 9,
    instructionsPerFrameSample: heard.m0plus,
    cyclesPerInstruction: [1.2, 2],
  },
  "cortex-m3": {
    title: "Cortex-M3",
    path: "portable",
    emulation: arm("mps2-an385", "-mcpu=cortex-m3"),
    instructionsPerMac: 6,
    instructionsPerFrameSample: heard.m3,
    cyclesPerInstruction: [1.2, 2],
  },
  "cortex-m4": {
    title: "Cortex-M4",
    path: "dsp",
    emulation: arm("mps2-an386", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", hard),
    instructionsPerMac: 2.6,
    instructionsPerFrameSample: heard.m4,
    cyclesPerInstruction: [1.1, 1.8],
  },
  "cortex-m7": {
    title: "Cortex-M7",
    path: "dsp",
    emulation: arm("mps2-an500", "-mcpu=cortex-m7", "-mfpu=fpv5-sp-d16", hard),
    instructionsPerMac: 2.6,
    instructionsPerFrameSample: heard.m4,
    cyclesPerInstruction: [0.6, 1.2],
  },
  "cortex-m33": {
    title: "Cortex-M33",
    path: "dsp",
    emulation: arm("mps3-an547", "-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", hard),
    instructionsPerMac: 2.6,
    instructionsPerFrameSample: heard.m4,
    cyclesPerInstruction: [1, 1.7],
  },
  rv32imc: {
    title: "RV32IMC",
    path: "portable",
    emulation: { family: "riscv", flags: ["-march=rv32imc_zicsr", "-mabi=ilp32"], machine: "virt" },
    instructionsPerMac: 8,
    instructionsPerFrameSample: heard.rv32,
    cyclesPerInstruction: [1, 1.8],
  },
};
