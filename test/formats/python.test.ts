import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SoftLabelPrecision } from "../../src/data/index.ts";
import { sampleData, writePackage } from "../../src/data/soft-labels/package.cases.ts";
import { folderStore } from "../../src/data/sources/index-node.ts";

/** A Python that has the ordinary safetensors library. */
const python = ["python3", "/usr/bin/python3"].find((program) => {
  try {
    execFileSync(program, ["-c", "import numpy, safetensors"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

let folder: string;
let snippet: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "potstill-python-"));
  const page = await readFile(new URL("../../docs/formats.md", import.meta.url), "utf8");
  snippet = /^### Reading it in Python$[\s\S]*?^```python\n([\s\S]*?)^```$/m.exec(page)![1]!; // a heading that is there
});
afterAll(() => rm(folder, { recursive: true }));

test.for<SoftLabelPrecision>(["float32", "float16", "int8"])(
  "the Python program of docs/formats.md reads a package of precision %s",
  async (precision, { skip }) => {
    if (python === undefined) skip("no Python with numpy and safetensors on this machine");
    const data = sampleData({ samples: 10, views: 2, members: 3 });
    const cwd = join(folder, precision);
    const store = await folderStore(join(cwd, "soft-labels"));
    await writePackage(
      store,
      { ...data, header: { ...data.header, precision } },
      { samplesPerShard: 4, batch: 3 },
    );
    const program = `${snippet}
print(json.dumps({"keys": list(row_of), "labels": tensors["labels"].tolist(), "logits": logits.ravel().tolist()}))`;
    const [accuracy, read] = execFileSync(python!, ["-c", program], { cwd, encoding: "utf8" })
      .trim()
      .split("\n");
    expect(accuracy).toMatch(/^teacher accuracy [01]\.\d+$/);
    const { keys, labels, logits } = JSON.parse(read!) as Record<string, never[]>; // as printed above
    expect(new Set(keys)).toEqual(
      new Set(Array.from({ length: 10 }, (_, i) => data.dataset.key(i))),
    );
    expect(labels).toEqual([...data.dataset.labels]);
    // Logits are within ±25: half a step of float16 there is 2⁻⁷; of int8, range / 510 < 0.1.
    const tolerance = { float32: 0, float16: 2 ** -7, int8: 0.1 }[precision];
    const errors = Array.from(data.logits, (logit, i) => Math.abs(logit - logits![i]!));
    expect(logits).toHaveLength(data.logits.length);
    expect(Math.max(...errors)).toBeLessThanOrEqual(tolerance);
  },
);
