/** @file One sentence for every teacher whose inner layers cannot be learned. */

import { ConfigError } from "../../errors/index.ts";

export function noFeatures(where: string, got: string): ConfigError {
  return new ConfigError("config/conflict", {
    where,
    rule: "features come from a teacher that is one network of Potstill's own or one .onnx file, and is there while the student trains",
    got,
    fix: "Give such a teacher to distill, or leave features out",
  });
}
