/** @file Rows of starting: potstill --help, and from a process's start to its first finished training step. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bestOfTorch, inTurns, row, runCase } from "../measure.mjs";

const main = fileURLToPath(new URL("../../dist/app/cli/main.js", import.meta.url));
const helpLimitMs = 200;
const firstSteps = ["mlp-30", "mlp-1200", "resnet8"];

function* help({ quick }) {
  const { potstill } = inTurns(quick ? 5 : 15, {
    potstill: () => {
      const started = performance.now();
      execFileSync("node", [main, "--help"]);
      return performance.now() - started;
    },
  });
  yield row({
    case: "start-up",
    metric: "potstill --help, from process start to its end",
    unit: "ms",
    potstill,
    peerName: "the limit that it must stay below",
    peer: helpLimitMs,
    threads: 1,
  });
}

/** seconds from a process's start to the end of its first step */
const untilFirstStep = ({ startedAt, firstStepAt }) => firstStepAt - startedAt;

function* firstStep(name, { quick }) {
  let peer;
  const best = inTurns(quick ? 1 : 4, {
    potstill: () => untilFirstStep(runCase("training-step", name, 1, 1, 1)),
    peer: () => {
      const answer = bestOfTorch({ threads: 1, isQuick: quick }, untilFirstStep, "torch_step", name, 1, 1, 1);
      if (peer === undefined || untilFirstStep(answer) < untilFirstStep(peer)) peer = answer;
      return untilFirstStep(answer);
    },
  });
  yield row({
    case: `time to first step, ${name}`,
    metric: "from process start to the end of the first step, data of 4096 samples made",
    unit: "s",
    ...best,
    peerName: `PyTorch ${peer.torch}, ${peer.way}`,
    threads: 1,
  });
}

export const startCases = {
  "start-up": help,
  ...Object.fromEntries(firstSteps.map((name) => [`first-step-${name}`, (options) => firstStep(name, options)])),
};
