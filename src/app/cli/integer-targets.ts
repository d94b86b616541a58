/** @file The files that an integer network becomes, by format. */

import { exportC, exportOnnxInt8, exportTflite } from "../../device/export/index.ts";
import type { Integers, QuantizedGraph, Rounding } from "../../device/quantize/index.ts";
import { encodingMetadata, type SampleEncoding } from "../../distill/index.ts";
import { assertCParity } from "./check-c.ts";
import { assertTfliteParity } from "./check-tflite.ts";
import { assertFrontEndParity, type ExportedFrontEnd } from "./mcu/front-end-program.ts";

export const integerFormats = ["c", "tflite", "onnx-int8"] as const;
export type IntegerFormat = (typeof integerFormats)[number];

/** How the runtimes round that a format is for. */
export const roundingOf: Readonly<Record<IntegerFormat, Rounding>> = {
  c: "tflm",
  tflite: "xnnpack",
  "onnx-int8": "onnxruntime",
};

export interface TargetContext {
  readonly graph: QuantizedGraph;
  /** in front of C names, and the files' name */
  readonly name: string;
  readonly modelHash: string;
  readonly classNames: readonly string[];
  readonly encoding: SampleEncoding;
  readonly arduino: boolean;
  /** int8 samples, and what the integer reference gives for each in the format's rounding */
  readonly samples: readonly Int8Array[];
  readonly outputs: readonly Integers[];
  /** of a speech student: goes with the C */
  readonly exportedFrontEnd?: ExportedFrontEnd | undefined;
}

export interface TargetResult {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** lines for people */
  readonly about: readonly string[];
  /** the same for programs */
  readonly details: Readonly<Record<string, unknown>>;
}

const selfTests = 4;

/** @throws ExportError "export/parity" if compiled C or LiteRT differs from the reference */
export async function integerFiles(
  format: IntegerFormat,
  context: TargetContext,
): Promise<TargetResult> {
  const { graph, name, modelHash, classNames, encoding } = context;
  switch (format) {
    case "c":
      return cFiles(context);
    case "tflite":
      return tfliteFile(context);
    case "onnx-int8": {
      const metadata = {
        classNames: JSON.stringify(classNames),
        ...{ modelHash, ...encodingMetadata(encoding) },
      };
      return oneFile(`${name}.int8.onnx`, exportOnnxInt8(graph, { metadata }));
    }
  }
}

function oneFile(path: string, bytes: Uint8Array): TargetResult {
  return {
    files: new Map([[path, bytes]]),
    about: [`${path}: ${bytes.length} bytes`],
    details: { bytes: bytes.length },
  };
}

async function tfliteFile({
  graph,
  name,
  modelHash,
  samples,
}: TargetContext): Promise<TargetResult> {
  const bytes = exportTflite(graph, { modelHash });
  const checked = await assertTfliteParity(graph, bytes, samples);
  const { files, about, details } = oneFile(`${name}.tflite`, bytes);
  const said =
    "why" in checked
      ? `.tflite not checked: ${checked.why}`
      : `LiteRT gives the integer reference's output (xnnpack) on ${samples.length} samples, byte for byte`;
  const isCheckedByLiteRt = !("why" in checked);
  return { files, about: [...about, said], details: { ...details, isCheckedByLiteRt } };
}

function cFiles({
  graph,
  name,
  modelHash,
  arduino,
  samples,
  outputs,
  exportedFrontEnd,
}: TargetContext): TargetResult {
  const options = { name, modelHash, selfTest: samples.slice(0, selfTests) };
  const bare = exportC(graph, options);
  const checked = assertCParity({ graph, name, files: bare.files, samples, outputs });
  const compiler = "compiler" in checked ? checked.compiler : undefined;
  const beside = exportedFrontEnd?.files;
  const { files, arenaBytes, constantBytes, macs } = exportC(graph, {
    ...options,
    arduino,
    ...(beside && { beside }),
  });
  const utf8 = new TextEncoder();
  return {
    files: new Map([...files].map(([path, text]) => [path, utf8.encode(text)])),
    about: [
      `tables ${constantBytes} bytes of flash, arena ${arenaBytes.portable} bytes of RAM (${arenaBytes.dsp} with SMLAD), ${macs} multiply-accumulates`,
      "why" in checked
        ? `C not checked: ${checked.why}`
        : `C compiled by ${checked.compiler} gives the integer reference's output on ${samples.length} samples, byte for byte`,
      ...(exportedFrontEnd === undefined
        ? []
        : [aboutFrontEnd(exportedFrontEnd, { name, arenaBytes: arenaBytes.portable }, compiler)]),
    ],
    details: {
      ...{ constantBytes, arenaBytes, macs, compiler: compiler ?? null },
      ...("why" in checked && { notChecked: checked.why }),
      ...(exportedFrontEnd && {
        frontEnd: {
          ...{
            constantBytes: exportedFrontEnd.constantBytes,
            stateBytes: exportedFrontEnd.stateBytes,
          },
          workBytes: exportedFrontEnd.workBytes,
        },
      }),
    },
  };
}

function aboutFrontEnd(
  exportedFrontEnd: ExportedFrontEnd,
  { name, arenaBytes }: { readonly name: string; readonly arenaBytes: number },
  compiler: string | undefined,
): string {
  const { constantBytes, stateBytes, workBytes } = exportedFrontEnd;
  const lent = arenaBytes < workBytes ? ", more than the arena has" : " that the arena can lend";
  const sizes = `front end: tables ${constantBytes} bytes of flash, ${stateBytes} bytes of RAM, and ${workBytes} of work${lent}`;
  if (compiler === undefined) return sizes;
  return `${sizes}; compiled, it gives the integer reference's features on ${assertFrontEndParity(exportedFrontEnd, name, compiler)} frames, byte for byte`;
}
