/** @file A branch of layers with a shortcut around it. */

import { ShapeError } from "../../../errors/index.ts";
import { add } from "../../ops/index.ts";
import { sameShape, showShape } from "../../tensor/index.ts";
import {
  assertUniqueNames,
  chain,
  innerContext,
  type NamedBuilder,
  parametersUnder,
} from "../chain.ts";
import type { LayerBuilder } from "../layer.ts";

interface ResidualOptions {
  /** around the branch, under the name "shortcut"; default the input itself */
  readonly shortcut?: LayerBuilder | undefined;
}

/**
 * y = branch(x) + shortcut(x). Parameters keep their paths: "block1/conv1/kernel",
 * "block1/shortcut/kernel". An activation after the sum is a layer of its own.
 *
 * @throws ShapeError "shape/mismatch" unless branch and shortcut give one shape; ConfigError
 *   "config/duplicate-name"
 * @see He et al. (2015), Deep Residual Learning for Image Recognition, §3.2, arXiv:1512.03385
 */
export function residual(
  branch: readonly NamedBuilder[],
  { shortcut }: ResidualOptions = {},
): LayerBuilder {
  return (inputShape) => {
    assertUniqueNames([...branch.map(([name]) => name), "shortcut"]);
    const main = chain(inputShape, branch);
    const side = shortcut?.(inputShape);
    const sideShape = side?.outputShape ?? inputShape;
    if (!sameShape(main.outputShape, sideShape))
      throw new ShapeError("shape/mismatch", {
        where: "residual",
        rule: "branch and shortcut must give the same shape",
        got: `${showShape(main.outputShape)} and ${showShape(sideShape)}`,
        fix: "Give a shortcut that changes channels and size as the branch does: a 1x1 convolution",
        details: { branch: main.outputShape, shortcut: sideShape },
      });
    const sideParameters =
      side === undefined ? [] : parametersUnder({ name: "shortcut", layer: side });
    return {
      kind: "residual",
      parameters: [...main.parameters, ...sideParameters],
      outputShape: sideShape,
      macs: main.macs + (side?.macs ?? 0),
      apply: (x, context) => {
        const around = side?.apply(x, innerContext(context, "shortcut", branch.length)) ?? x;
        return add(
          main.apply(x, (name, place) => innerContext(context, name, place)),
          around,
        );
      },
    };
  };
}
