import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageSnippet } from "../support/readme-snippet.ts";
import { writeRingsFiles } from "../support/rings-files.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
let folder: string;

/** Knows the rings, and fails at every third question. */
const asked = { questions: 0, failures: 0, samples: 0 };
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    if (asked.questions++ % 3 === 2) {
      asked.failures++;
      response.writeHead(500).end("not now");
      return;
    }
    const values: number[] = JSON.parse(Buffer.concat(parts).toString());
    const rows = Array.from({ length: values.length / 2 }, (_, n) => {
      const squared = values[2 * n]! ** 2 + values[2 * n + 1]! ** 2;
      const ring = squared < 0.3 ? 0 : squared < 0.7 ? 1 : 2;
      return [0, 1, 2].map((k) => (k === ring ? 0.9 : 0.05));
    });
    asked.samples += rows.length;
    response.end(JSON.stringify(rows));
  });
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "potstill-function-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await mkdir(join(folder, "node_modules"));
  await symlink(repository, join(folder, "node_modules", "potstill"), "dir");
  await writeRingsFiles(folder);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

test("the data page's function teacher compiles, asks a server, and its student has learned", async () => {
  const { port } = server.address() as AddressInfo; // it listens on a port
  const lines = await pageSnippet("docs/data.md", "A function as teacher");
  const program = lines.join("\n").replace("localhost:8000", `127.0.0.1:${port}`);
  const shown = "console.log(JSON.stringify(student));";
  await writeFile(join(folder, "program.ts"), `${program}\n${shown}\n`);
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const types = ["--types", "node", "--typeRoots", join(repository, "node_modules/@types")];
  const target = ["--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"];
  await run(process.execPath, [compiler, ...target, ...types, "program.ts"], { cwd: folder });
  const { stdout } = await run(process.execPath, ["program.js"], { cwd: folder });
  expect(asked.failures).toBeGreaterThan(0);
  expect(asked.samples).toBeGreaterThan(400);
  expect(JSON.parse(stdout).accuracy).toBeGreaterThan(0.6); // of labels, a fifth of them drawn
}, 120_000);
