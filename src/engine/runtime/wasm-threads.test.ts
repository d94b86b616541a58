import { expect, test } from "vitest";
import { askForThreads, type WasmSettings } from "./wasm-threads.ts";

test("the first number stands, and so does one that the program set", () => {
  const settings: WasmSettings = {};
  for (const threads of [2, 1, 3]) askForThreads(settings, threads);
  expect(settings).toEqual({ numThreads: 2 });
  const own: WasmSettings = { numThreads: 4 };
  askForThreads(own, 1);
  expect(own).toEqual({ numThreads: 4 });
});
