/**
 * @file TensorBoard's events as protocol buffers: the parts of tensorflow.Event that are written.
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A number, or a text, at one step of one curve. */
export type Summary =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly text: string };

export interface BoardEvent {
  /** seconds since 1970 */
  readonly wallTime: number;
  readonly step: number;
  readonly summaries: readonly Summary[];
}

/** types.proto: DT_STRING */
const stringType = 7;

/**
 * @returns the first event of every file
 * @see TensorFlow, core/util/event.proto: file_version
 */
export function encodeFileVersion(wallTime: number): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Bit64)
    .double(wallTime)
    .tag(3, WireType.LengthDelimited)
    .string("brain.Event:2")
    .finish();
}

/** @returns an event with a summary of numbers and texts */
export function encodeEvent({ wallTime, step, summaries }: BoardEvent): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime);
  if (step !== 0) writer.tag(2, WireType.Varint).int64(step); // 0 is left out, as proto3 does
  writer.tag(5, WireType.LengthDelimited).fork(); // summary
  for (const summary of summaries) writeValue(writer, summary);
  return writer.join().finish();
}

function writeValue(writer: BinaryWriter, summary: Summary): void {
  writer.tag(1, WireType.LengthDelimited).fork(); // value
  writer.tag(1, WireType.LengthDelimited).string(summary.tag);
  if ("scalar" in summary) writer.tag(2, WireType.Bit32).float(summary.scalar);
  else writeText(writer, summary.text);
  writer.join();
}

/** A text is a tensor of one string, and metadata that name the plugin which shows it. */
function writeText(writer: BinaryWriter, text: string): void {
  writer.tag(8, WireType.LengthDelimited).fork(); // tensor
  writer.tag(1, WireType.Varint).int32(stringType);
  writer.tag(2, WireType.LengthDelimited).fork(); // shape [1]
  writer.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(1).join();
  writer.join();
  writer.tag(8, WireType.LengthDelimited).string(text);
  writer.join();
  writer.tag(9, WireType.LengthDelimited).fork(); // metadata
  writer.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string("text");
  writer.join().join();
}
