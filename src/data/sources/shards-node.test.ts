import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isDistillError } from "../../errors/index.ts";
import { arrayDataset } from "../array-dataset.ts";
import { writeShards } from "../shards/index.ts";
import { folderStore } from "./folder-store-node.ts";
import { loadData } from "./load-node.ts";

const scratch = mkdtempSync(join(tmpdir(), "shards-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const made = arrayDataset({
  name: "made",
  dtype: "uint8",
  shape: [4],
  data: Uint8Array.from({ length: 40 }, (_, at) => at),
  labels: Int32Array.from({ length: 10 }, (_, at) => at % 2),
  classNames: ["even", "odd"],
});

test("a folder of shards is a source, read without being written to", async () => {
  const folder = join(scratch, "data");
  await writeShards(made, await folderStore(folder), { shardBytes: 12 });
  chmodSync(folder, 0o555);
  const { train, test: held } = await loadData({ source: "shards", folder, window: 2 });
  chmodSync(folder, 0o755);
  expect([train.hash(), train.name, held]).toEqual([made.hash(), "made", null]);
  const into = new Uint8Array(8);
  await train.gather(Int32Array.of(9, 0), into);
  expect([...into]).toEqual([36, 37, 38, 39, 0, 1, 2, 3]);
});

test("a folder that is not one is refused", async () => {
  for (const folder of [scratch, join(scratch, "none")]) {
    const error: unknown = await loadData({ source: "shards", folder }).catch((e: unknown) => e);
    expect(isDistillError(error) && error.code).toBe("shards/missing");
  }
});

test("parts whose frames were standardised each over itself are refused", async () => {
  const folders = await Promise.all(
    [2, 2, 102].map(async (mean, part) => {
      const frames = {
        context: { before: 1, after: 0 },
        standardization: { mean: [mean], deviation: [1] },
      };
      const folder = join(scratch, `part-${part}`);
      await writeShards({ ...made, frames }, await folderStore(folder));
      return folder;
    }),
  );
  const load = (test: string) =>
    loadData({ source: "shards", folder: folders[0]!, test: { folder: test } });
  expect((await load(folders[1]!)).test!.length).toBe(10);
  await expect(load(folders[2]!)).rejects.toMatchObject({ code: "data/encoding" });
});
