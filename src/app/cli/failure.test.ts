import { expect, test } from "vitest";
import { DistillError } from "../../errors/index.ts";
import { mayEndWell, StartedFailure } from "./failure.ts";

test.each([
  ["file/disk-full", true],
  ["file/failed", true],
  ["backend/run", true],
  ["run/interrupted", true],
  ["run/aborted", true],
  ["run/memory", true],
  ["run/teacher-failed", true],
  ["backend/operator", false],
  ["run/non-finite", false],
  ["search/accuracy", false],
  ["config/range", false],
  ["data/leak", false],
  ["teacher/answer", false],
  ["check/J2", false],
])("%s may end well when begun again: %s", (code, expected) => {
  const error = new DistillError(code, { where: "here", rule: "a rule" });
  expect(mayEndWell(error)).toBe(expected);
  expect(mayEndWell(new StartedFailure(error))).toBe(expected);
});

test("of errors that are not ours, those of the system and of memory", () => {
  const read = Object.assign(new Error("EIO: i/o error, read"), { code: "EIO", syscall: "read" });
  expect(mayEndWell(read)).toBe(true);
  expect(mayEndWell(new RangeError("Array buffer allocation failed"))).toBe(true);
  expect(mayEndWell(new TypeError("undefined is not a function"))).toBe(false);
});
