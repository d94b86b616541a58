/**
 * @file maxPoolGrad: the gradient of maxPool. ONNX: strided Slices and masks, or MaxPool with
 *   indices and MaxUnpool.
 *
 * Forward and backward of 2x2 windows over [64, 32, 28, 28], one thread, onnxruntime-node 1.30:
 * "slices" take 0.66 of "indices" on noise after a ReLU, and 1.4 on a periodic pattern. Which
 * element wins is a branch in MaxPool's kernel with indices, which a processor cannot foresee in
 * real images; the slices take the same time for any data. A product with the cast comparison, and
 * a difference, instead of two Where: a step of a CNN takes 0.93 of the time, on two threads 0.97.
 */

import type { Value } from "../graph/index.ts";
import { onnxDType } from "../onnx/index.ts";
import { elementCount, type Shape } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { defineOp, type OnnxContext, type Op } from "./define-op.ts";
import type { Emit } from "./emit.ts";
import { type PoolOptions, pooledSize, poolOnnxAttrs, poolWindow } from "./pool-rule.ts";
import { assertShape, type Window } from "./window.ts";

type Context = OnnxContext<Window>;

/** Windows that touch without overlapping, and no padding. */
export function tiles({ kernel, strides, padding }: Window): boolean {
  return kernel[0] === strides[0] && kernel[1] === strides[1] && padding.every((p) => p === 0);
}

/** An image, its pooled image and the gradient of that: names, and what is known of them. */
interface Pooled {
  readonly x: string;
  readonly y: string;
  readonly dy: string;
  readonly window: Window;
  /** of x: [batch, channels, height, width] */
  readonly shape: Shape;
  /** of y and dy */
  readonly pooled: Shape;
  /** what each place holds: one number, [], or several channels that lie together, [number] */
  readonly place: readonly number[];
}

/**
 * @returns the name of the gradient of pooling with windows that tile the image, in the layout of
 *   what it is made from
 */
export function slicedGradient(emit: Emit, of: Pooled): string {
  const { x, y, dy, window, place } = of;
  const [batch, channels, rows, columns] = of.pooled;
  const [, , allRows, allColumns] = of.shape;
  const [height, width] = window.kernel;
  const size = elementCount(place);
  const images = (batch! * channels!) / size;
  const shaped = (name: string, ...shape: number[]): string =>
    emit.node("Reshape", [name, emit.int64([images, ...shape])]);
  const axes = emit.int64([1, 2]);
  const steps = emit.int64(window.strides);
  const whole = shaped(x, allRows!, allColumns!, ...place);
  const largest = shaped(y, rows!, columns!, ...place);
  // the gradient of windows whose maximum has not been met yet
  let unclaimed = shaped(dy, rows!, columns!, ...place);
  const claim = (a: number, b: number): string => {
    if (a === height - 1 && b === width - 1) return unclaimed;
    const ends = [a + height * (rows! - 1) + 1, b + width * (columns! - 1) + 1];
    const tap = emit.node("Slice", [whole, emit.int64([a, b]), emit.int64(ends), axes, steps]);
    const isMax = emit.node("Equal", [tap, largest]);
    // Where takes longer than both
    const claims = emit.node("Cast", [isMax], { to: BigInt(onnxDType("float32")) });
    const claimed = emit.node("Mul", [unclaimed, claims]);
    unclaimed = emit.node("Sub", [unclaimed, claimed]);
    return claimed;
  };
  const lines = Array.from({ length: height }, (_, a) => {
    const parts = Array.from({ length: width }, (_, b) =>
      shaped(claim(a, b), rows!, columns!, 1, ...place),
    );
    const line = emit.node("Concat", parts, { axis: 3n }); // [images, rows, columns, width, ...place]
    return shaped(line, rows!, 1, columns! * width * size);
  });
  const all = emit.node("Concat", lines, { axis: 2n }); // [images, rows, height, columns · width · size]
  const joined = shaped(all, rows! * height, columns! * width, ...place);
  // what no window reached
  const rest = [allRows! - rows! * height, allColumns! - columns! * width] as const;
  const none = place.map(() => 0);
  const padded =
    rest[0] === 0 && rest[1] === 0
      ? joined
      : emit.node("Pad", [joined, emit.int64([0, 0, 0, ...none, 0, ...rest, ...none])]);
  return emit.node("Reshape", [padded, emit.int64(of.shape)]);
}

function slices({ emit, attrs: window, node, inputs }: Context): string {
  const [x, dy] = inputs as readonly [string, string];
  // The same node as the forward pass emits: the runtime computes it once.
  const y = emit.node("MaxPool", [x], poolOnnxAttrs(window));
  const pooled = node.inputs[1]!.shape;
  return slicedGradient(emit, { x, y, dy, window, shape: node.shape, pooled, place: [] });
}

/** Windows do not overlap, and the size that the runtime works out before it is told is one. */
function isUnpooled({ kernel, strides, padding }: Window, pooled: Shape): boolean {
  return [0, 1].every((axis) => {
    const padded = padding[axis]! + padding[axis + 2]!;
    const usual = (pooled[axis]! - 1) * strides[axis]! + kernel[axis]! - padded;
    return kernel[axis]! <= strides[axis]! && usual > 0;
  });
}

function indices({ emit, inputs, attrs, node }: Context): string {
  const [x, dy] = [inputs[0]!, inputs[1]!];
  const index = emit.nodes("MaxPool", [x], 2, poolOnnxAttrs(attrs))[1]!;
  if (isUnpooled(attrs, node.inputs[1]!.shape.slice(2)))
    return emit.node("MaxUnpool", [dy, index, emit.int64(node.shape)], poolOnnxAttrs(attrs));
  // Windows overlap: an element may be the maximum of several, so their gradients are added.
  const flat = emit.int64([-1]);
  const zeros = emit.node("ConstantOfShape", [emit.int64([elementCount(node.shape)])]);
  const places = emit.node("Reshape", [index, flat]);
  const sums = emit.node("ScatterElements", [zeros, places, emit.node("Reshape", [dy, flat])], {
    axis: 0n,
    reduction: "add",
  });
  return emit.node("Reshape", [sums, emit.int64(node.shape)]);
}

/**
 * Gradient of maxPool: dy goes to the first largest element of each window in row-major order;
 * windows that share an element add up. The padding takes nothing. Where dy is not finite, others
 * of its window may become NaN instead of 0.
 *
 * Forms: "slices" (no indices; windows that tile the image, elsewhere "indices"); "indices".
 *
 * @param x float32 [batch, channels, height, width], the pooling's input
 * @param dy float32 [batch, channels, height', width']
 * @param options the pooling's options
 * @returns float32, the shape of x
 * @throws the errors of maxPool; ShapeError "shape/mismatch"; DTypeError "dtype/mismatch"
 */
export const maxPoolGrad: Op<[x: Value, dy: Value, options: PoolOptions]> = defineOp({
  name: "maxPoolGrad",
  arguments: (x: Value, dy: Value, options: PoolOptions) => ({
    inputs: [x, dy],
    attrs: poolWindow("maxPoolGrad", x, options),
  }),
  infer: ([x, dy], window: Window) => {
    const dtype = assertSameDType("maxPoolGrad", x!, dy!);
    const size = pooledSize("maxPoolGrad", x!, window);
    assertShape("maxPoolGrad", "dy", dy!, [x!.shape[0]!, x!.shape[1]!, ...size]);
    return { dtype, shape: x!.shape };
  },
  vjp: {
    noGradient: "second derivatives through the choice of the maximum are not built",
    unbuilt: [1], // of x it is 0 almost everywhere
  },
  toOnnx: (context) =>
    context.form === "slices" && tiles(context.attrs) ? slices(context) : indices(context),
  forms: ["slices", "indices"],
});
