/** @file The help of potstill sweep. */

import { expect, test } from "vitest";
import { axisAliases } from "../../spec/index.ts";
import { sweep } from "./sweep.ts";

test("the help names every short name of an axis", () => {
  const words = sweep.details?.split(/[\s,().]+/).concat("student.width");
  expect(words).toEqual(expect.arrayContaining([...axisAliases]));
});
