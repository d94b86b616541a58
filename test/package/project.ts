/** @file An empty strict TypeScript project outside the clone, and what is done in it. */

import { type ExecFileException, execFile } from "node:child_process";
import { lstat, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a failure is an exit code, not an exception. */
export function execute(folder: string, program: string, args: readonly string[]): Promise<Output> {
  // npm hands its own settings on to what it starts; a user's shell has none of them.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_)/.test(name));
  const env = { ...Object.fromEntries(inherited), ONNXRUNTIME_NODE_INSTALL: "skip" };
  return new Promise((resolve) => {
    execFile(
      program,
      [...args],
      { cwd: folder, env, maxBuffer: 2 ** 26 },
      (error: ExecFileException | null, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ code, stdout, stderr: stderr || (error?.message ?? "") });
      },
    );
  });
}

/** As `execute`. @throws Error with the program's output if it fails */
export async function succeed(
  folder: string,
  program: string,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await execute(folder, program, args);
  if (code !== 0)
    throw new Error(`${program} ${args.join(" ")} exited ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

export type Resolution = "nodenext" | "bundler";

/** Everything that TypeScript can be strict about, and no tolerance for faults in .d.ts files. */
export function strictConfig(resolution: Resolution): string {
  return JSON.stringify({
    compilerOptions: {
      target: "es2023",
      module: resolution === "nodenext" ? "nodenext" : "esnext",
      moduleResolution: resolution,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      types: ["node"],
      outDir: `out-${resolution}`,
      rootDir: ".",
    },
    include: ["*.ts"],
  });
}

/** @returns the folder */
export async function emptyProject(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `potstill-${name}-`));
  const about = { name, private: true, type: "module" };
  await writeFile(join(folder, "package.json"), JSON.stringify(about));
  return folder;
}

export function install(folder: string, ...args: readonly string[]): Promise<string> {
  return succeed(folder, "npm", ["install", "--no-audit", "--no-fund", ...args]);
}

/** What npm has put into a project. Megabytes of 10^6 bytes, as the files' own lengths add up. */
export interface Installed {
  readonly megabytes: number;
  readonly packages: number;
}

/** @param folder of the project */
export async function installed(folder: string): Promise<Installed> {
  const modules = join(folder, "node_modules");
  const entries = await readdir(modules, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(
    async ({ parentPath, name }) => (await lstat(join(parentPath, name))).size,
  );
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  const listed = await succeed(folder, "npm", ["ls", "--all", "--parseable"]);
  const packages = new Set(listed.trim().split("\n")).size - 1; // the first is the project
  return { megabytes: bytes / 1e6, packages };
}
