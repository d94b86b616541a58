/** @file NumPy's files, as tests write them. */

/** @returns a .npy file of such an array, row-major */
export function npy(
  type: "f4" | "i4",
  shape: readonly number[],
  data: Float32Array | Int32Array,
): Uint8Array {
  const about = `{'descr': '<${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const header = `${about.padEnd(127 - 10, " ")}\n`;
  const start = Uint8Array.of(0x93, ...Buffer.from("NUMPY"), 1, 0, header.length, 0);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(data.buffer)]);
}
