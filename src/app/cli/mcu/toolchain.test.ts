import { expect, test } from "vitest";
import { inScratchFolder } from "./toolchain.ts";

test("a program that hangs is ended, and named", () => {
  expect(() => inScratchFolder((_, run) => run("sleep", "30"), 50)).toThrow(
    "sleep: a tool that is installed must be able to do its work, got no answer; it was ended",
  );
});
