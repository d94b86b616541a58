/**
 * @file maxPoolGrad: the gradient of maxPool. ONNX: strided Slices and masks, or MaxPool with
 *   indices and MaxUnpool.
 *
 * Forward and backward of 2x2 windows over [64, 32, 28, 28], one thread, onnxruntime-node 1.30:
 * "slices" take 0.66 of "indices" on noise after a ReLU, and 1.4 on a periodic pattern. Which
 * element wins is a branch in MaxPool's kernel with indices, which a processor cannot foresee in
 * real images; the slices take the same time for any data.
 */

import type { Value } from "../graph/index.ts";
import { elementCount, scalar } from "../tensor/index.ts";
import { assertSameDType } from "./assert.ts";
import { defineOp, type OnnxContext, type Op } from "./define-op.ts";
import { type PoolOptions, pooledSize, poolOnnxAttrs, poolWindow } from "./pool-rule.ts";
import { assertShape, type Window } from "./window.ts";

type Context = OnnxContext<Window>;

/** Windows that touch without overlapping, and no padding. */
function tiles({ kernel, strides, padding }: Window): boolean {
  return kernel[0] === strides[0] && kernel[1] === strides[1] && padding.every((p) => p === 0);
}

function slices(context: Context): string {
  const { emit, inputs, attrs, node } = context;
  const [x, dy] = [inputs[0]!, inputs[1]!];
  const [batch, channels, rows, columns] = node.inputs[1]!.shape;
  const [height, width] = attrs.kernel;
  const zero = emit.constant(scalar("float32", 0));
  const axes = emit.int64([2, 3]);
  const steps = emit.int64(attrs.strides);
  // The same node as the forward pass emits: the runtime computes it once.
  const y = emit.node("MaxPool", [x], poolOnnxAttrs(attrs));
  let unclaimed = dy; // the gradient of windows whose maximum has not been met yet
  const claim = (a: number, b: number): string => {
    if (a === height - 1 && b === width - 1) return unclaimed;
    const ends = [a + height * (rows! - 1) + 1, b + width * (columns! - 1) + 1];
    const tap = emit.node("Slice", [x, emit.int64([a, b]), emit.int64(ends), axes, steps]);
    const isMax = emit.node("Equal", [tap, y]);
    const claimed = emit.node("Where", [isMax, unclaimed, zero]);
    unclaimed = emit.node("Where", [isMax, zero, unclaimed]);
    return claimed;
  };
  const lines = Array.from({ length: height }, (_, a) => {
    const parts = Array.from({ length: width }, (_, b) =>
      emit.node("Reshape", [claim(a, b), emit.int64([batch!, channels!, rows!, columns!, 1])]),
    );
    // [batch, channels, rows, columns, width]
    const line = emit.node("Concat", parts, { axis: 4n });
    return emit.node("Reshape", [
      line,
      emit.int64([batch!, channels!, rows!, 1, columns! * width]),
    ]);
  });
  // [batch, channels, rows, height, columns · width]
  const all = emit.node("Concat", lines, { axis: 3n });
  const image = [batch!, channels!, rows! * height, columns! * width];
  const joined = emit.node("Reshape", [all, emit.int64(image)]);
  // what no window reached
  const rest = [node.shape[2]! - image[2]!, node.shape[3]! - image[3]!] as const;
  if (rest[0] === 0 && rest[1] === 0) return joined;
  return emit.node("Pad", [joined, emit.int64([0, 0, 0, 0, 0, 0, ...rest])]);
}

function indices({ emit, inputs, attrs, node }: Context): string {
  const [x, dy] = [inputs[0]!, inputs[1]!];
  const index = emit.nodes("MaxPool", [x], 2, poolOnnxAttrs(attrs))[1]!;
  if (attrs.kernel[0] <= attrs.strides[0] && attrs.kernel[1] <= attrs.strides[1])
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
 * windows that share an element add up. The padding takes nothing.
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
  vjp: { noGradient: "second derivatives through the choice of the maximum are not built" },
  toOnnx: (context) =>
    context.form === "slices" && tiles(context.attrs) ? slices(context) : indices(context),
  forms: ["slices", "indices"],
});
