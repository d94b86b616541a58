/**
 * @file Rows of whole jobs, from the teacher's file to the student's: labelling, training with validation, and, on
 * Potstill's side alone, its self-checks, latency measurement, test and export.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bestOfTorch, row, runCase } from "../measure.mjs";

/** teachers of 2x1200, hidden units of the student's two layers */
const jobs = {
  "job-2x1200-to-2x800": { teachers: 1, hidden: 800 },
  "job-ten-to-2x800": { teachers: 10, hidden: 800 },
  "job-2x1200-to-2x30": { teachers: 1, hidden: 30 },
};

const maker = fileURLToPath(new URL("../cases/make-job.mjs", import.meta.url));

function* job(name, { quick, threads }) {
  const { teachers, hidden } = jobs[name];
  const [samples, epochs] = quick ? [2560, 3] : [12800, 20];
  const folder = mkdtempSync(join(tmpdir(), "potstill-bench-"));
  try {
    execFileSync("node", [maker, folder, samples, teachers]);
    for (const count of quick ? threads.slice(-1) : threads) {
      const own = runCase("job", folder, hidden, epochs, count);
      for (const [mode, what] of Object.entries({ cached: "with cached logits", live: "running the teacher at every step" })) {
        const sides = { threads: count, isQuick: quick, warm: [folder, hidden, 1, count, mode] };
        const peer = bestOfTorch(sides, ({ seconds }) => seconds, "torch_job", folder, hidden, epochs, count, mode);
        yield row({
          case: name.replace("job-", "whole job, ").replaceAll("-", " "),
          metric: `labelling and ${epochs} epochs of ${samples} samples, batch 128; against PyTorch ${what}`,
          unit: "s",
          potstill: own.seconds,
          peerName: `PyTorch ${peer.torch}, ${peer.way}, ${what}`,
          peer: peer.seconds,
          threads: count,
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const jobCases = Object.fromEntries(Object.keys(jobs).map((name) => [name, (options) => job(name, options)]));
