import { expect, test } from "vitest";
import { columnClasses, sortedClasses } from "./classes.ts";

const numbers = (count: number, distinct: number): string[] =>
  Array.from({ length: count }, (_, at) => ((at % distinct) / 4).toFixed(2));

test("a column of a quantity is no column of classes", () => {
  expect(() => columnClasses("prices.csv", numbers(40, 38))).toThrow(
    "prices.csv: the column of the classes must name a class of several samples each, got 38 different numbers in 40 samples, such as 0.00. Name the column (data.label)",
  );
});

test("nor are the numbers of its rows", () => {
  const rows = Array.from({ length: 30 }, (_, at) => String(at + 1));
  expect(() => columnClasses("table.csv", rows)).toThrow("30 different numbers in 30 samples");
});

test.each([
  ["numbers that many samples have", numbers(60, 30), 30],
  ["few of them", numbers(19, 19), 19],
  ["numbered ones from 1 on", Array.from({ length: 80 }, (_, at) => String((at % 43) + 1)), 43],
  ["numbered ones of few samples", Array.from({ length: 80 }, (_, at) => String(at % 43)), 43],
  ["names, one sample each", Array.from({ length: 30 }, (_, at) => `person ${at}`), 30],
])("classes: %s", (_, names, count) => {
  expect(columnClasses("table.csv", names)).toHaveLength(count);
});

test("whole numbers stand in the order of their values, negative ones too", () => {
  expect(sortedClasses(["10", "-1", "2", "-1"])).toEqual(["-1", "2", "10"]);
  expect(sortedClasses(["10", "2", "-"])).toEqual(["-", "10", "2"]);
});
