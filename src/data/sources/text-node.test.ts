import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { subset } from "../array-dataset.ts";
import type { TextSpec } from "./data-spec.ts";
import { loadData } from "./load-node.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "text-"));
  const lines = ["text,class", '"Good, very good!",praise', "bad,blame", "good,praise"];
  await writeFile(join(folder, "train.csv"), lines.join("\n"));
  await writeFile(join(folder, "test.csv"), "text,class\nbad new thing,blame\n");
});
afterAll(() => rm(folder, { recursive: true }));

const spec = (more: Partial<TextSpec> = {}): TextSpec => ({
  source: "text",
  file: join(folder, "train.csv"),
  length: 5,
  ...more,
});

async function ids(more: Partial<TextSpec> = {}, part: "train" | "test" = "train") {
  const data = (await loadData(spec(more)))[part]!;
  const into = new Int32Array(data.length * 5);
  await data.gather(
    Int32Array.from({ length: data.length }, (_, at) => at),
    into,
  );
  return { data, ids: [...into] };
}

it("gives int32 token ids that no preprocessing touches", async () => {
  const { data, ids: train } = await ids();
  expect(data).toMatchObject({
    dtype: "int32",
    shape: [5],
    preprocessing: { scale: 1, offset: 0 },
    classNames: ["blame", "praise"],
  });
  expect([...data.labels]).toEqual([1, 0, 1]);
  expect(data.text!.vocabulary).toEqual([
    ...["<padding>", "<unknown>", "good", "!", ",", "bad", "very"],
  ]);
  expect(train).toEqual([2, 4, 6, 2, 3, 5, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
  expect(subset(data, [1], "part").text).toBe(data.text);
});

it("numbers test texts as the training file's, or as a model's", async () => {
  const test = { file: join(folder, "test.csv") };
  expect((await ids({ test }, "test")).ids).toEqual([5, 1, 1, 0, 0]);
  const encoding = { vocabulary: ["<padding>", "<unknown>", "bad"], length: 5 };
  const known = await ids({ test, encoding }, "test");
  expect(known.ids).toEqual([2, 1, 1, 0, 0]);
  expect(known.data.text).toEqual(encoding);
});

it.each<[string, string, Partial<TextSpec>, string, RegExp]>([
  ["two columns of text", "a,b,class\nx,y,z\n", {}, "file/columns", /Add text: COLUMN/],
  ["a column that is not there", "a,class\nx,z\n", { text: "b" }, "config/unknown-name", /"b"/],
  [
    "no group",
    "a,k,by\nx,z,1\ny,z,\n",
    { label: "k", group: "by" },
    "data/group",
    /line 3: .*Fill/,
  ],
  ["no class", "a,class\nx,\n", {}, "data/label", /line 2/],
  ["nothing but a header", "a,class\n", {}, "data/empty", /none in 0 samples/],
])("refuses %s", async (_, text, more, code, message) => {
  const file = join(folder, "odd.csv");
  await writeFile(file, text);
  await expect(loadData(spec({ file, ...more }))).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

it("is numbered as a model numbers it, which no option may contradict", async () => {
  const encoding = { vocabulary: ["<padding>", "<unknown>", "bad"], length: 5 };
  const { data, ids: train } = await ids({ encoding });
  expect(data.text).toEqual(encoding);
  expect(train.slice(5, 10)).toEqual([2, 0, 0, 0, 0]);
  await expect(ids({ encoding, length: 4 })).rejects.toThrow(
    "as the model that is there numbers it, with length: 5, got length: 4. Leave length out",
  );
  await expect(ids({ encoding, vocabulary: 2 })).rejects.toThrow(
    "with vocabulary: 3, got vocabulary: 2",
  );
  expect((await ids({ encoding, vocabulary: 9 })).data.text).toEqual(encoding);
});
