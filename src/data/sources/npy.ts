/** @file NumPy's .npy format, versions 1 to 3, and .npz (a zip of .npy files). */

import { unzipSync } from "fflate";
import { elementCount } from "../../engine/tensor/index.ts";
import { DataError, nearestName } from "../../errors/index.ts";
import { damaged, truncated, unsupported, wrongMagic } from "./file-errors.ts";
import { type RawArray, type RawType, rawBytes, rawElements } from "./raw-array.ts";
import { verifyZip } from "./zip-checksums.ts";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const descriptor = /'descr':\s*'([<>|=])([a-zA-Z]\d*)'/;
const order = /'fortran_order':\s*(True|False)/;
const axes = /'shape':\s*\(([^)]*)\)/;
const known: ReadonlySet<string> = new Set<RawType>([
  ...(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"] as const),
]);

/**
 * Reads one array: integers of 1 to 8 bytes, float32 or float64, C order, little-endian.
 *
 * @param where the file's name, for messages
 * @throws DataError "file/magic", "file/truncated", "file/too-long", or "file/unsupported" for
 *   other types, orders and shapes
 * @see NumPy Enhancement Proposal 1, A Simple File Format for NumPy Arrays
 */
export function parseNpy(bytes: Uint8Array, where: string): RawArray {
  if (bytes.length < 8 || magic.some((byte, at) => bytes[at] !== byte))
    throw wrongMagic(where, "a .npy file (93 4e 55 4d 50 59)", bytes, "Save it with numpy.save");
  const { header, start } = headerOf(bytes, where);
  const [, endian, kind] = descriptor.exec(header) ?? [];
  const [, fortran] = order.exec(header) ?? [];
  const [, sizes] = axes.exec(header) ?? [];
  if (endian === undefined || kind === undefined || !known.has(kind) || sizes === undefined)
    throw unsupported(
      where,
      "the array must hold integers, float32 or float64",
      header.trim(),
      "Convert it with astype before numpy.save",
    );
  const type = kind as RawType; // a member of `known`
  const shape = shapeOf(sizes, where);
  if (endian === ">")
    throw unsupported(where, "the array must be little-endian", `>${type}`, `Save it as <${type}`);
  if (fortran === "True" && shape.length > 1)
    throw unsupported(
      where,
      "the array must be in C order",
      "Fortran order",
      "Save numpy.ascontiguousarray(array)",
    );
  const needed = start + elementCount(shape) * rawBytes(type);
  if (bytes.length !== needed)
    throw truncated(where, `an array of shape (${sizes})`, needed, bytes.length);
  return { type, shape, data: rawElements(type, bytes.subarray(start), true) };
}

/** Python 2 wrote whole numbers as 2L. */
function shapeOf(sizes: string, where: string): readonly number[] {
  return sizes.split(",").flatMap((text) => {
    const size = text.trim().replace(/L$/, "");
    if (/^\d*$/.test(size)) return size === "" ? [] : [Number(size)];
    const rule = "the shape must be whole numbers";
    throw unsupported(where, rule, `(${sizes})`, "Save it with numpy.save");
  });
}

function headerOf(bytes: Uint8Array, where: string): { header: string; start: number } {
  const wide = bytes[6]! > 1; // version 1 has a 2-byte length, later ones 4
  const begin = wide ? 12 : 10;
  if (bytes.length < begin) throw truncated(where, "the .npy header", begin, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, begin);
  const start = begin + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (bytes.length < start) throw truncated(where, "the .npy header", start, bytes.length);
  return { header: new TextDecoder().decode(bytes.subarray(begin, start)), start };
}

/**
 * Reads arrays out of a .npz file, compressed or not.
 *
 * @param names arrays to read, as given to numpy.savez
 * @returns the arrays in the order of `names`
 * @throws DataError "file/magic", "file/damaged", "data/array" for a name that is not there, and as
 *   parseNpy
 */
export function parseNpz(bytes: Uint8Array, where: string, names: readonly string[]): RawArray[] {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b)
    throw wrongMagic(where, "a .npz file (50 4b)", bytes, "Save it with numpy.savez");
  const held: string[] = [];
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name }) => {
        held.push(name.replace(/\.npy$/, ""));
        return names.includes(held.at(-1)!);
      },
    });
  } catch (error) {
    throw damaged(where, "a .npz file", error);
  }
  verifyZip(bytes, where, files);
  return names.map((name) => {
    const file = files[`${name}.npy`];
    if (file !== undefined) return parseNpy(file, `${where}:${name}`);
    const near = nearestName(name, held);
    throw new DataError("data/array", {
      where,
      rule: `there must be an array named "${name}"`,
      got: held.join(", "),
      fix: near === undefined ? "Name one of these" : `Did you mean "${near}"?`,
      details: { file: where, name, held },
    });
  });
}

/** @returns the names of the arrays in a .npz file. @throws DataError "file/damaged" */
export function npzNames(bytes: Uint8Array, where: string): readonly string[] {
  const names: string[] = [];
  const filter = ({ name }: { readonly name: string }): boolean => {
    if (name.endsWith(".npy")) names.push(name.slice(0, -4));
    return false;
  };
  try {
    unzipSync(bytes, { filter });
  } catch (error) {
    throw damaged(where, "a .npz file", error);
  }
  return names;
}
