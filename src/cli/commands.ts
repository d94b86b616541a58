/** @file All commands, in the order of the help. */

import type { CommandSpec } from "./command.ts";
import { demo } from "./commands/demo.ts";
import { distill } from "./commands/distill.ts";

export const commands: readonly CommandSpec[] = [demo, distill];
