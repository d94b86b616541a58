/** @file Log-mel spectrogram as a layer: from a recording to an image. */

import { ShapeError } from "../../../errors/index.ts";
import { input, type Value } from "../../graph/index.ts";
import { type LogMelOptions, logMel as logMelOf, reshape } from "../../ops/index.ts";
import { showShape } from "../../tensor/index.ts";
import type { LayerBuilder } from "../layer.ts";

/**
 * [samples] → [1, frames, mels]: an image of one channel, as keyword spotters take it. Nothing is
 * trained; the gradient passes through.
 *
 * @throws ShapeError "shape/rank" unless the input is [samples]; the errors of `logMel`
 */
export function logMel(options: LogMelOptions): LayerBuilder {
  return (inputShape) => {
    if (inputShape.length !== 1)
      throw new ShapeError("shape/rank", {
        where: "logMel",
        rule: "the input must be a recording [samples]",
        got: showShape(inputShape),
        fix: "Give one channel",
      });
    const apply = (x: Value): Value => {
      const y = logMelOf(x, options);
      return reshape(y, [y.shape[0]!, 1, y.shape[1]!, y.shape[2]!]);
    };
    const outputShape = apply(input("x", "float32", [1, ...inputShape])).shape.slice(1);
    const [, frames, mels] = outputShape;
    const bins = options.fftSize / 2 + 1;
    return {
      kind: "log mel",
      parameters: [],
      outputShape,
      macs: frames! * 2 * bins * (options.frameLength + mels!),
      apply,
    };
  };
}
