/** @file All commands, in the order of the help. */

import type { CommandSpec } from "./command.ts";
import { demo } from "./commands/demo.ts";
import { demoMcu } from "./commands/demo-mcu.ts";
import { distill } from "./commands/distill.ts";
import { doctor } from "./commands/doctor.ts";
import { evaluate } from "./commands/evaluate.ts";
import { exportCommand } from "./commands/export.ts";
import { inspect } from "./commands/inspect.ts";
import { label } from "./commands/label.ts";
import { plan } from "./commands/plan.ts";
import { reproduce } from "./commands/reproduce.ts";
import { store } from "./commands/store.ts";
import { sweep } from "./commands/sweep.ts";
import { train } from "./commands/train.ts";

export const commands: readonly CommandSpec[] = [
  demo,
  demoMcu,
  distill,
  plan,
  sweep,
  label,
  train,
  evaluate,
  exportCommand,
  inspect,
  doctor,
  reproduce,
  store,
];
