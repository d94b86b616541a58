/** @file Recurrent units are refused: TensorFlow Lite has no operator for them in int8. */

import { ExportError } from "../../../../errors/index.ts";
import type { GruLayer } from "../../../quantize/index.ts";
import type { TfliteLowering } from "../lowering.ts";

export const lowerGru: TfliteLowering<GruLayer> = ({ layer }) => {
  throw new ExportError("export/unsupported", {
    where: layer.name,
    rule: "TensorFlow Lite has no gated recurrent unit in int8",
    got: "a GRU",
    fix: "Export it as C (--format c) or as float ONNX, or distil a tcn, which hears as far back",
  });
};
