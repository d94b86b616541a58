/** @file The options of potstill export: which go with which format, and what they say. */

import { assertName } from "../../device/export/index.ts";
import { type CalibrationMethod, calibrationMethods } from "../../device/quantize/index.ts";
import { unknownName } from "../../errors/index.ts";
import { type OptionValues, text } from "./command.ts";
import { type IntegerFormat, integerFormats } from "./integer-targets.ts";
import { type BoardRequest, boardRequest } from "./mcu/plan-board.ts";
import { usageError } from "./usage-error.ts";

const exportFormats: readonly string[] = ["onnx", "onnx-fp16", ...integerFormats];

/** Options that not every format has a use for, with the formats that do. */
const formatsOf = {
  calibration: ["onnx-fp16", ...integerFormats],
  method: integerFormats,
  name: integerFormats,
  perChannelDense: integerFormats,
  arduino: ["c"],
  board: ["c"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Options that say something about a board. */
const ofBoard = ["reserveFlash", "reserveRam", "offerEpochs"];

/** What the options of an int8 export say, but for its calibration. */
export interface IntegerOptions {
  readonly method: CalibrationMethod;
  /** of C functions and files */
  readonly name: string;
  readonly arduino: boolean;
  readonly perChannelDense: boolean;
  /** where the C must fit; undefined to plan for none */
  readonly board: BoardRequest | undefined;
  /** training of the narrower student that is offered where it does not fit; 0 for none */
  readonly offerEpochs: number;
}

/**
 * Reads all options before any work is done, also those that the format does not use.
 *
 * @throws ConfigError "config/unknown-name" for a format, method or board that there is not;
 *   "config/usage" for an option that means nothing for the format, or a value of another form;
 *   "config/name" for what cannot be a name in C
 */
export function exportOptions(options: OptionValues): IntegerOptions & { readonly format: string } {
  const format = text(options, "format") ?? "onnx";
  if (!exportFormats.includes(format))
    throw unknownName("potstill export", "format", format, exportFormats);
  const method = methodOf(text(options, "method") ?? "minMax");
  assertMeant(options, format);
  const name = text(options, "name") ?? "student";
  if (format === "c") assertName("potstill export --name", name);
  return {
    format,
    method,
    name,
    arduino: options.arduino === true,
    perChannelDense: options.perChannelDense === true,
    board: wantedBoard(options),
    offerEpochs: offerEpochs(text(options, "offerEpochs") ?? "5"),
  };
}

/** @returns undefined for ONNX in float */
export function integerFormatOf(format: string): IntegerFormat | undefined {
  return integerFormats.find((name) => name === format);
}

function assertMeant(options: OptionValues, format: string): void {
  for (const [option, formats] of Object.entries(formatsOf)) {
    if (options[option] === undefined || formats.some((name) => name === format)) continue;
    throw usageError(`export ${flagOf(option)}`, `needs --format ${listed(formats)}`, format);
  }
  const lost = ofBoard.find((option) => options[option] !== undefined);
  if (lost !== undefined && options.board === undefined)
    throw usageError(`export ${flagOf(lost)}`, "needs --board NAME", "none");
}

function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function listed(names: readonly string[]): string {
  if (names.length === 1) return names.join();
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function methodOf(given: string): CalibrationMethod {
  const found = calibrationMethods.find((name) => name === given);
  if (found === undefined) throw unknownName("--method", "method", given, calibrationMethods);
  return found;
}

function wantedBoard(options: OptionValues): BoardRequest | undefined {
  const name = text(options, "board");
  if (name === undefined) return undefined;
  return boardRequest(name, text(options, "reserveFlash"), text(options, "reserveRam"));
}

function offerEpochs(given: string): number {
  if (/^\d{1,4}$/.test(given)) return Number(given);
  throw usageError("export --offer-epochs", "needs a number of epochs, 0 or more", given);
}
