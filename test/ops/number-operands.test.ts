/** @file A number beside a tensor: held exactly by integers and bools, or refused by name. */

import { describe, expect, it } from "vitest";
import { input, type Value } from "../../src/engine/graph/index.ts";
import { numberTensor } from "../../src/engine/ops/define-op.ts";
import {
  add,
  asValue,
  div,
  equal,
  greater,
  greaterOrEqual,
  less,
  maximum,
  minimum,
  mul,
  type Operand,
  ops,
  pad,
  sub,
  where,
} from "../../src/engine/ops/index.ts";
import { type DType, isFloat } from "../../src/engine/tensor/index.ts";

type Binary = (a: Operand, b: Operand) => Value;

const condition = input("condition", "bool", [3]);

const arithmetic = {
  add,
  sub,
  mul,
  div,
  maximum,
  minimum,
  less,
  greater,
  greaterOrEqual,
} satisfies Record<string, Binary>;

/** A way to put a number beside a tensor, and the dtypes that it takes. */
type Taker = readonly [
  name: string,
  withNumber: (x: Value, number: number) => unknown,
  dtypes: readonly DType[],
];

const takers: readonly Taker[] = [
  ...Object.entries({ ...arithmetic, equal }).flatMap(([name, op]) => {
    const dtypes = ["float32", "float64", "float16", "int32", "int64"] as const;
    const own = name === "equal" ? ([...dtypes, "bool"] as const) : dtypes;
    return [
      [name, (x: Value, number: number) => op(x, number), own] as const,
      [name, (x: Value, number: number) => op(number, x), own] as const,
    ];
  }),
  ...[
    (x: Value, number: number) => where(condition, x, number),
    (x: Value, number: number) => where(condition, number, x),
  ].map(
    (branches) =>
      ["where", branches, ["float32", "float64", "float16", "int32", "int64", "uint8"]] as const,
  ),
  [
    "pad",
    (x, value) => pad(x, { before: [1], after: [0], value }),
    ["float32", "float64", "float16", "int32", "int64", "int8", "uint8", "bool"],
  ],
  [
    "asValue",
    (x, number) => asValue(number, x.dtype),
    ["float32", "float64", "float16", "int32", "int64", "int8", "uint8", "uint32", "bool"],
  ],
];

/** of each dtype without fractions: the range as the message has it, numbers inside and outside */
const wholes: Readonly<
  Record<string, readonly [range: string, held: readonly number[], not: readonly number[]]>
> = {
  int8: ["from -128 to 127", [-128, 127], [-129, 128]],
  uint8: ["from 0 to 255", [0, 255], [-1, 256, 300]],
  int32: [
    "from -2147483648 to 2147483647",
    [-(2 ** 31), 2 ** 31 - 1],
    [-(2 ** 31) - 1, 2 ** 31, 3e9],
  ],
  uint32: ["from 0 to 4294967295", [0, 2 ** 32 - 1], [-1, 2 ** 32]],
  int64: [
    "from -9223372036854775808 to 9223372036854775807",
    [-(2 ** 63), 2 ** 63 - 1024], // the largest float64 below 2⁶³
    [-(2 ** 63) - 2048, 2 ** 63, 1e300],
  ],
  bool: ["from 0 to 1", [0, 1], [-1, 2]],
};

const noInteger = [0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

it("every operator that takes numbers as operands is among these", () => {
  const tensor = input("x", "float32", [3]);
  const taking = Object.entries(ops)
    .filter(([, op]) => {
      try {
        // operators of one or two tensors fail on a number or ignore it
        return (op as unknown as Binary)(tensor, 2).inputs.length === 2;
      } catch {
        return false;
      }
    })
    .map(([name]) => name);
  const names = new Set(takers.map(([name]) => name));
  expect(taking.length).toBeGreaterThan(5);
  expect(taking.filter((name) => !names.has(name))).toEqual([]);
});

describe.each(takers)("%s", (name, withNumber, dtypes) => {
  const whole = dtypes.filter((dtype) => !isFloat(dtype));

  it.each(whole)("refuses what %s cannot hold", (dtype) => {
    const x = input("x", dtype, [3]);
    const [range, , outside] = wholes[dtype]!;
    for (const number of [...noInteger, ...outside])
      expect(() => withNumber(x, number)).toThrow(
        expect.objectContaining({
          name: "DTypeError",
          code: "dtype/number",
          message: `${name}: a number beside ${dtype} elements must be a whole number ${range}, got ${number}. Give one, or cast the tensor first: cast(x, "float32").`,
          details: { dtype, value: number },
        }),
      );
  });

  it.each(whole)("takes what %s holds", (dtype) => {
    const x = input("x", dtype, [3]);
    for (const number of [...wholes[dtype]![1], 1, -0]) withNumber(x, number);
  });

  it.each(dtypes.filter(isFloat))("takes every number beside %s", (dtype) => {
    const x = input("x", dtype, [3]);
    for (const number of [...noInteger, 3e9, 1e300, -0]) withNumber(x, number);
  });
});

it.each(Object.entries(wholes))("a number in %s is exactly itself", (dtype, [, held]) => {
  for (const number of held) {
    // the keys are dtypes
    const { data } = numberTensor(number, dtype as DType);
    expect(Number(data[0])).toBe(number);
  }
});
