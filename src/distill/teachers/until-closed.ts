/** @file A teacher that is asked after it was closed says so, and not what its session says. */

import { RunError } from "../../errors/index.ts";
import type { Teacher } from "./teacher.ts";

/** The teacher, whose `logits` refuse with RunError "teacher/closed" after `close`. */
export function untilClosed(teacher: Teacher): Teacher {
  let isClosed = false;
  return {
    ...teacher,
    logits: async (batch) => {
      if (isClosed) throw closed(teacher);
      return teacher.logits(batch);
    },
    close: async () => {
      isClosed = true;
      await teacher.close();
    },
  };
}

function closed({ name }: Teacher): RunError {
  return new RunError("teacher/closed", {
    where: `teacher "${name}"`,
    rule: "a teacher can be asked until it is closed",
    got: "a question to one that is closed",
    fix: "Open it anew for each run, or give the Distiller the teacher itself: then it stays open",
  });
}
