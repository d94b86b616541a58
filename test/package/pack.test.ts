import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readmeSnippet } from "../support/readme-snippet.ts";
import { writeRingsFiles } from "../support/rings-files.ts";
import {
  emptyProject,
  execute,
  install,
  installed,
  type Resolution,
  strictConfig,
  succeed,
} from "./project.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];
let tarball: string;
let packedFiles: readonly string[];

async function project(name: string): Promise<string> {
  const folder = await emptyProject(name);
  folders.push(folder);
  return folder;
}

const compiler = ["typescript@7.0.2", "@types/node@20.19.25"];

/** With the packed tarball, and the table and teacher that the README's program reads. */
async function userProject(name: string, ...alsoInstall: readonly string[]): Promise<string> {
  const folder = await project(name);
  await install(folder, tarball, ...alsoInstall);
  await writeRingsFiles(folder);
  return folder;
}

const browserEntry = 'await import("./node_modules/potstill/dist/index.js")';

function compile(folder: string, resolution: Resolution): Promise<string> {
  return succeed(folder, "npx", ["tsc", "-p", `tsconfig.${resolution}.json`]);
}

/** Runs the compiled README program. @returns teacher, student and scratch accuracy */
async function accuracies(folder: string, node: string, script: string): Promise<number[]> {
  const stdout = await succeed(folder, node, [script]);
  return stdout.trim().split(/\s+/).map(Number);
}

function expectAccuracies([teacher, student, scratch]: readonly number[]): void {
  // Loose on purpose: see test/readme/readme.test.ts.
  expect(teacher).toBeGreaterThan(0.75);
  expect(student).toBeGreaterThan(0.65);
  expect(scratch).toBeGreaterThan(0.55);
}

beforeAll(async () => {
  const folder = await project("tarball");
  const [packed] = JSON.parse(
    await succeed(repository, "npm", ["pack", "--json", "--pack-destination", folder]),
  ) as { filename: string; files: { path: string }[] }[]; // as npm documents it
  tarball = join(folder, packed!.filename);
  packedFiles = packed!.files.map(({ path }) => path);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  test("holds what its README links to", async () => {
    const readme = await readFile(join(repository, "README.md"), "utf8");
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
    expect(links).toContain("docs/architecture.md");
    const isThere = (path: string): boolean =>
      packedFiles.some((file) => file === path || file.startsWith(`${path}/`));
    expect(links.filter((path) => !isThere(path))).toEqual([]);
  });

  test("holds no tests, no test cases and no evaluator that only tests use", () => {
    const isForTests = /\.(test|cases)\./;
    expect(packedFiles.filter((path) => isForTests.test(path))).toEqual([]);
  });

  test("holds a notice that names every package under the LGPL", async () => {
    expect(packedFiles).toEqual(expect.arrayContaining(["LICENSE", "NOTICE"]));
    const notice = await readFile(join(repository, "NOTICE"), "utf8");
    const locked = JSON.parse(await readFile(join(repository, "package-lock.json"), "utf8")) as {
      packages: Record<string, { license?: string; dev?: boolean }>;
    }; // as npm documents it
    const underLgpl = Object.entries(locked.packages)
      .filter(([, { license = "", dev }]) => license.includes("GPL") && !dev)
      .map(([path]) =>
        path.replace("node_modules/", "").replace(/(?<=sharp-(libvips|win32)-).*/, "*"),
      );
    expect(underLgpl).toContain("codec-parser");
    // mpg123's wrapper calls itself MIT.
    for (const name of [...underLgpl, "mpg123-decoder"]) expect(notice).toContain(name);
  });
});

test("a stranger's install has at most 365 MB, and 70 packages without optional ones", async () => {
  const folder = await project("stranger");
  await install(folder, tarball);
  const { megabytes, packages } = await installed(folder);
  await install(folder, tarball, "--omit=optional");
  const least = await installed(folder);
  process.stdout.write(
    `installed: ${megabytes.toFixed(0)} MB, ${packages} packages; ` +
      `with --omit=optional ${least.megabytes.toFixed(0)} MB, ${least.packages} packages\n`,
  );
  expect(megabytes).toBeLessThanOrEqual(365);
  expect(least.packages).toBeLessThanOrEqual(70);
  expect(packages).toBeGreaterThan(least.packages); // what is measured is there
});

describe("installed as a user would", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await userProject("user", ...compiler);
    for (const resolution of ["nodenext", "bundler"] as const)
      await writeFile(join(folder, `tsconfig.${resolution}.json`), strictConfig(resolution));
  });

  test.each(["nodenext", "bundler"] as const)(
    "types resolve in a strict project, moduleResolution %s",
    async (resolution) => {
      // Bundlers take the browser's part of "potstill"; "potstill/node" says which one is meant.
      const program = (await readmeSnippet()).join("\n");
      const from = resolution === "bundler" ? "potstill/node" : "potstill";
      await writeFile(join(folder, "quickstart.ts"), program.replace('"potstill"', `"${from}"`));
      await compile(folder, resolution);
    },
  );

  test("a wrong option is a type error", async () => {
    const program = (await readmeSnippet()).join("\n").replace('"mlp"', '"mpl"');
    await writeFile(join(folder, "quickstart.ts"), program);
    const { code, stdout } = await execute(folder, "npx", ["tsc", "-p", "tsconfig.nodenext.json"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain('"mpl"');
  });

  test("the README's program runs, its training worker found", async () => {
    await writeFile(join(folder, "quickstart.ts"), (await readmeSnippet()).join("\n"));
    await compile(folder, "nodenext");
    expectAccuracies(await accuracies(folder, process.execPath, "out-nodenext/quickstart.js"));
  });

  test("every entry of the package loads, with no file left out of the tarball", async () => {
    const about = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
      exports: Record<string, unknown>; // as it stands there
    };
    const entries = Object.keys(about.exports).filter((entry) => !/[*]|json$/.test(entry));
    expect(entries).toContain("./node");
    const lines = entries.map((entry) => `await import("potstill${entry.slice(1)}");`);
    await writeFile(join(folder, "entries.js"), lines.join("\n"));
    await succeed(folder, process.execPath, ["entries.js"]);
    // The browser's part of ".", too.
    await succeed(folder, process.execPath, ["--input-type=module", "--eval", browserEntry]);
  });

  test.for(["22", "24"])("it runs on Node %s", async (version, { skip }) => {
    const name = `node-${process.platform}-${process.arch}`; // how the registry names binaries
    const home = await project(`node-${version}`);
    const { code, stderr } = await execute(home, "npm", [
      "install",
      "--no-audit",
      "--no-fund",
      `${name}@${version}`,
    ]);
    if (code !== 0) skip(`no Node ${version} to be had: ${stderr.split("\n")[0]}`);
    const node = join(home, "node_modules", name, "bin", "node");
    expect(await succeed(home, node, ["--version"])).toMatch(new RegExp(`^v${version}\\.`));
    expectAccuracies(await accuracies(folder, node, "out-nodenext/quickstart.js"));
  });

  test("the command line is there, and its ready recipes", async () => {
    expect(await succeed(folder, "npx", ["potstill", "--version"])).toMatch(/\d+\.\d+\.\d+/);
    const doctor = await execute(folder, "npx", ["potstill", "doctor", "--json"]);
    expect(doctor.stdout).toContain("onnxruntime-node");
  });
});

test("without onnxruntime-node it runs on onnxruntime-web, and says so", async () => {
  const folder = await userProject("web", "--omit=optional", "onnxruntime-web@1.30.0");
  await writeFile(
    join(folder, "runtime.js"),
    `import { nodeRuntime } from "potstill";
     const runtime = await nodeRuntime();
     console.log(runtime.name);
     await runtime.close();`,
  );
  const name = await succeed(folder, process.execPath, ["runtime.js"]);
  expect(name.trim()).toBe("onnxruntime-web");
  await writeFile(join(folder, "quickstart.js"), (await readmeSnippet()).join("\n"));
  expectAccuracies(await accuracies(folder, process.execPath, "quickstart.js"));
  const { stdout } = await execute(folder, "npx", ["potstill", "doctor"]);
  expect(stdout).toContain("onnxruntime-web");
});

test("without either it says which to install", async () => {
  const folder = await userProject("none", "--omit=optional");
  const program = `import { nodeRuntime } from "potstill"; await nodeRuntime();`;
  const { code, stderr } = await execute(folder, process.execPath, [
    "--input-type=module",
    "-e",
    program,
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(
    /BackendError.*runtime: onnxruntime-node or onnxruntime-web must be installed, got .*npm install onnxruntime-node \(or onnxruntime-web/s,
  );
  const { stdout } = await execute(folder, "npx", ["potstill", "doctor"]);
  expect(stdout).toMatch(/npm install onnxruntime-node/);
});
