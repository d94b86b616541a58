/** @file The front end for a C build of one's own, by the package's entry point alone. */

import { expect, test } from "vitest";
import {
  exportFrontEnd,
  type FrontEnd,
  type FrontEndFiles,
  type FrontEndOptions,
  frontEndFrame,
  planFrontEnd,
  runFrontEnd,
} from "../../../src/index.ts";
import { speechLogMel } from "../../../src/speech/index.ts";

test("plan, reference and C come from the entry point", () => {
  const options: FrontEndOptions = {
    logMel: speechLogMel,
    sample: { dtype: "float32", scale: 1, offset: 0 },
    input: { scale: 0.1, zeroPoint: 0 },
  };
  const plan: FrontEnd = planFrontEnd(options);
  const sound = Int16Array.from({ length: plan.frameLength + plan.hop }, (_, t) => (t % 99) * 300);
  const frames = runFrontEnd(plan, sound);
  expect(frames).toHaveLength(2 * plan.mels);
  const first = frontEndFrame(plan, sound.subarray(0, plan.frameLength));
  expect(frames.subarray(0, plan.mels)).toEqual(first);
  const { files, stateBytes }: FrontEndFiles = exportFrontEnd(plan, "student");
  expect([...files.keys()]).toEqual(["student_front_end.h", "student_front_end.c"]);
  expect(stateBytes).toBeGreaterThan(2 * plan.frameLength);
});
