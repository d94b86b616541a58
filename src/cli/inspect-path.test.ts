import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inspectPath } from "./inspect-path.ts";

const scratch = mkdtempSync(join(tmpdir(), "inspect-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function put(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

test.each<[string, string | Uint8Array]>([
  ["text", "{not json\n"],
  ["nothing", ""],
  ["other bytes", Uint8Array.of(0x22, 0xe4, 0x22)],
])("a .json file of %s is refused by name", async (_, content) => {
  const path = put("bad.json", content);
  await expect(inspectPath(path)).rejects.toMatchObject({
    code: "file/report",
    message: `${path}: a report must be JSON, got other text. Give the report.json of a run.`,
  });
});

test("a table that needs options is described by its columns and what is wrong", async () => {
  const path = put("pandas.csv", ",x,kind\n0,1,a\n1,2,b\n");
  const [first, columns, problem] = await inspectPath(path);
  expect([first, columns]).toEqual([
    `${path}: table, not usable without options`,
    "columns   ,x,kind",
  ]);
  expect(problem).toContain("ignore: [0]");
});
