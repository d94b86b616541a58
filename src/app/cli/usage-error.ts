/** @file The error for a command line that does not say what to do. */

import { ConfigError } from "../../errors/index.ts";

/** @param command its words: "distill --resume" */
export function usageError(command: string, rule: string, got: string): ConfigError {
  const [name] = command.split(" ");
  return new ConfigError("config/usage", {
    where: `potstill ${command}`,
    rule,
    got,
    fix: `See: potstill ${name} --help`,
  });
}
