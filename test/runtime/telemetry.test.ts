/** @file The runtime leaves nothing in the user's home: its usage reports are switched off. */

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const program = `
  import { nodeRuntime } from ${JSON.stringify(resolve("dist/engine/runtime/node.js"))};
  import { compileGraph } from ${JSON.stringify(resolve("dist/engine/compile/index.js"))};
  import { input } from ${JSON.stringify(resolve("dist/engine/graph/index.js"))};
  import { relu } from ${JSON.stringify(resolve("dist/engine/ops/index.js"))};
  const x = input("x", "float32", [1]);
  const model = compileGraph({ name: "m", inputs: [x], outputs: [{ name: "y", value: relu(x) }] });
  for (const worker of [true, false]) {
    const runtime = await nodeRuntime({ worker });
    const session = await runtime.load(model);
    await session.run({ x: { dtype: "float32", shape: [1], data: new Float32Array(1) } });
    await runtime.close();
  }
  console.log(process.env.ORT_DISABLE_TELEMETRY);
`;

test.each([
  ["switched off where the user says nothing", {}, "1"],
  ["the user's own word stands", { ORT_DISABLE_TELEMETRY: "true" }, "true"],
])("%s", async (_, env, expected) => {
  const home = mkdtempSync(join(tmpdir(), "potstill-home-"));
  try {
    const words = ["--input-type=module", "--expose-gc", "-e", program];
    const { ORT_DISABLE_TELEMETRY: __, ...rest } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      env: { ...rest, HOME: home, XDG_CACHE_HOME: join(home, ".cache"), ...env },
    });
    expect(stdout.trim()).toBe(expected); // and the flags, which no worker takes, did no harm
    expect(readdirSync(home)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
