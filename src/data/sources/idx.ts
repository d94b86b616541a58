/**
 * @file IDX, the format of the MNIST files: 0, 0, type, number of axes; each axis as big-endian
 * uint32; elements, big-endian, row-major.
 */

import { elementCount } from "../../engine/tensor/index.ts";
import { truncated, unsupported, wrongMagic } from "./file-errors.ts";
import { type RawArray, type RawType, rawBytes, rawElements } from "./raw-array.ts";

const types: ReadonlyMap<number, RawType> = new Map([
  [0x08, "u1"],
  [0x09, "i1"],
  [0x0b, "i2"],
  [0x0c, "i4"],
  [0x0d, "f4"],
  [0x0e, "f8"],
]);

/**
 * @param where the file's name, for messages
 * @throws DataError "file/magic", "file/truncated", "file/too-long", "file/unsupported"
 * @see Yann LeCun, The MNIST database of handwritten digits, "The IDX file format"
 */
export function parseIdx(bytes: Uint8Array, where: string): RawArray {
  const type = types.get(bytes[2] ?? 0);
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || type === undefined)
    throw wrongMagic(
      where,
      "an IDX file (00 00, type 08 … 0e, number of axes)",
      bytes,
      "Give the IDX file itself, plain or gzipped",
    );
  const rank = bytes[3]!;
  const header = 4 + 4 * rank;
  if (bytes.length < header) throw truncated(where, "the IDX header", header, bytes.length);
  if (rank === 0) throw unsupported(where, "an IDX file needs an axis", "none", "Make it again");
  const view = new DataView(bytes.buffer, bytes.byteOffset, header);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const needed = header + elementCount(shape) * rawBytes(type);
  if (bytes.length !== needed)
    throw truncated(where, `an IDX file of ${shape.join(" x ")}`, needed, bytes.length);
  return { type, shape, data: rawElements(type, bytes.subarray(header), false) };
}
