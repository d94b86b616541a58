/** @file What layers that convolve share: the shapes that they take, parameters, application. */

import { ShapeError } from "../../../errors/index.ts";
import { input, type Value } from "../../graph/index.ts";
import { elementCount, type Shape, showShape } from "../../tensor/index.ts";
import type { Layer } from "../layer.ts";
import { rectifierKernel, zeroBias } from "../parameter.ts";

/** @returns the channels; another number of axes is refused, in the name of `where` */
export function channelsOf(
  where: string,
  inputShape: Shape,
  layout: "[channels, height, width]" | "[channels, length]",
  fix: string,
): number {
  const [channels] = inputShape;
  if (inputShape.length !== layout.split(",").length || channels === undefined)
    throw new ShapeError("shape/rank", {
      where,
      rule: `the input must be ${layout}`,
      got: showShape(inputShape),
      fix,
    });
  return channels;
}

type Bias = { readonly bias?: Value };

interface Convolution<A> {
  readonly kind: string;
  readonly inputShape: Shape;
  readonly kernelShape: Shape;
  readonly channels: number;
  readonly attrs: A;
  readonly bias: boolean;
  /** products that an output element sums */
  readonly fanIn: number;
}

/** @param op what the layer applies. @returns the layer, whose cost is all products of outputs */
export function convolutionLayer<A extends object>(
  { kind, inputShape, kernelShape, channels, attrs, bias, fanIn }: Convolution<A>,
  op: (x: Value, kernel: Value, options: A & Bias) => Value,
): Layer {
  const [sample, kernel] = [[1, ...inputShape], kernelShape];
  const probe = op(input("x", "float32", sample), input("kernel", "float32", kernel), withBias());
  const outputShape = probe.shape.slice(1);
  return {
    kind,
    parameters: [rectifierKernel(kernelShape, fanIn), ...(bias ? [zeroBias(channels)] : [])],
    outputShape,
    macs: elementCount(outputShape) * fanIn,
    apply: (x, { parameter }) =>
      op(x, parameter("kernel"), withBias(bias ? { bias: parameter("bias") } : {})),
  };

  function withBias(own: Bias = {}): A & Bias {
    return { ...attrs, ...own };
  }
}
