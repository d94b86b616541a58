/** @file What the TensorFlow Lite form of a layer is. */

import { elementCount, type Shape } from "../../../engine/tensor/index.ts";
import type { ImageSize } from "../../quantize/index.ts";
import type { ProgramLayer, Step } from "../channels-last/channels-last.ts";
import type { Network } from "./network.ts";

/**
 * Writes the layer's operators, the last of which makes the step's output.
 *
 * @throws ExportError "export/unsupported" for a layer that TensorFlow Lite cannot hold
 */
export type TfliteLowering<L extends ProgramLayer = ProgramLayer> = (
  step: Step<L>,
  network: Network,
) => void;

/** @returns [1, height, width, channels] */
export function imageShape({ channels, height, width }: ImageSize): Shape {
  return [1, height, width, channels];
}

/** @returns [1, elements] */
export function rowShape(shape: Shape): Shape {
  return [1, elementCount(shape)];
}
