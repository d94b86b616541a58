/** @file TFRecord: how records stand one after another in a file. */

import { maskedCrc32c } from "./crc32c.ts";

/**
 * Frames one record.
 *
 *   u64 length | u32 masked CRC-32C of the 8 length bytes | data | u32 masked CRC-32C of the data
 *
 * all little-endian.
 *
 * @see TensorFlow, core/lib/io/record_writer.h
 */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
