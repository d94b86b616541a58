import { expect, test } from "vitest";
import { decodeText } from "./decode-text.ts";

test("bytes that are no UTF-8 are refused", () => {
  expect(() => decodeText(Uint8Array.of(0x62, 0xe4, 0x72), "t.csv")).toThrowError(
    expect.objectContaining({
      code: "file/magic",
      message:
        "t.csv: a table must be UTF-8 text, got other bytes. Save it as UTF-8, or give the right file.",
    }),
  );
});

test("text that is longer than a string can be is not taken for other bytes", () => {
  expect(() => decodeText(new Uint8Array(2 ** 29), "t.csv")).toThrowError(
    expect.objectContaining({
      code: "file/too-large",
      message:
        "t.csv: a table must be short enough to be read as one text, about 512 MiB, got 536870912 bytes. Give fewer lines, or numbers as .npy or Parquet.",
    }),
  );
});
