/** @file The page of docs/browser.md, built with the packed library as a user would. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, createLogger, type Plugin, type PreviewServer, preview } from "vite";
import { nodeRuntime } from "../../../src/engine/runtime/node.ts";
import { arrayDataset, Distiller } from "../../../src/index.ts";
import { succeed } from "../../package/project.ts";
import { pageSnippet } from "../../support/readme-snippet.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Below the repository's node_modules, so that the library finds there what it needs. */
const cache = join(repository, "node_modules", ".cache");

const heading = "A page that runs a student and trains another";

/** What the page shows, and what the same program says in Node. */
export interface Shown {
  /** absent in Node */
  readonly hasThreads?: boolean;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly accuracy: number;
}

export interface DocumentedPage {
  readonly folder: string;
  /** what Vite said while it built the page */
  readonly warnings: readonly string[];
  readonly remove: () => Promise<void>;
}

/** Writes the page's files, a student beside them, checks their types and builds them. */
export async function buildPage(): Promise<DocumentedPage> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "page-"));
  await unpackLibrary(join(folder, "node_modules"));
  await write(folder, "package.json", JSON.stringify({ private: true, type: "module" }));
  await write(folder, "tsconfig.json", JSON.stringify(typescript));
  await write(folder, "public/student.onnx", await smallStudent());
  const blocks = { "index.html": "html", "main.ts": "ts", "vite.config.js": "js" };
  for (const [file, language] of Object.entries(blocks))
    await write(folder, file, (await pageSnippet("docs/browser.md", heading, language)).join("\n"));
  await withoutWorker(folder);
  await succeed(repository, "npx", ["tsc", "-p", folder]);
  const warnings = await builtPage(folder);
  return { folder, warnings, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The same page, but for sessions that live in it. */
export const hereFile = "here.html";

async function withoutWorker(folder: string): Promise<void> {
  const [html, program] = await Promise.all(
    ["index.html", "main.ts"].map((file) => readFile(join(folder, file), "utf8")),
  );
  await write(folder, hereFile, html!.replace("main.ts", "here.ts"));
  await write(
    folder,
    "here.ts",
    program!.replaceAll("webRuntime()", "webRuntime({ worker: false })"),
  );
}

const typescript = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023", "dom"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noUncheckedIndexedAccess: true,
    types: [],
    outDir: "compiled",
  },
  include: ["main.ts"],
};

async function write(folder: string, file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), content);
}

/** What `npm install potstill-….tgz` puts there; dist as `npm run build` has left it. */
async function unpackLibrary(modules: string): Promise<void> {
  await mkdir(join(modules, "potstill"), { recursive: true });
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", modules];
  const [packed] = JSON.parse(await succeed(repository, "npm", pack)) as { filename: string }[]; // as npm documents it
  const tarball = join(modules, packed!.filename);
  await succeed(modules, "tar", ["-xzf", tarball, "-C", "potstill", "--strip-components=1"]);
}

/** As `potstill distill` would leave it: two numbers in, three classes out. */
async function smallStudent(): Promise<Uint8Array> {
  const still = new Distiller(
    {
      teacher: { train: { network: { family: "mlp", hidden: [24] }, training: { epochs: 2 } } },
      student: { family: "mlp", hidden: [16] },
    },
    () => nodeRuntime({ worker: false, backend: "onnxruntime-node" }),
  );
  const data = Float32Array.from({ length: 240 }, (_, at) => Math.cos(at * at));
  const labels = Array.from({ length: 120 }, (_, at) =>
    data[2 * at]! < -0.5 ? 0 : data[2 * at]! < 0.5 ? 1 : 2,
  );
  const classNames = ["inner", "middle", "outer"];
  const points = {
    name: "points",
    dtype: "float32",
    shape: [2],
    data,
    labels,
    classNames,
  } as const;
  return (await still.fit(arrayDataset(points), { epochs: 2, seeds: [1], arms: ["distilled"] }))
    .onnx;
}

/** @returns what Vite warned of, but for sizes */
async function builtPage(root: string): Promise<readonly string[]> {
  const warnings: string[] = [];
  const logger = createLogger("warn");
  logger.warn = (message) => void warnings.push(message);
  logger.warnOnce = logger.warn;
  await build({
    root,
    customLogger: logger,
    build: {
      chunkSizeWarningLimit: 1000, // kB
      rolldownOptions: { input: ["index.html", hereFile].map((file) => join(root, file)) },
    },
  });
  return warnings;
}

/** Bundles all of these for a browser. @returns Node's modules that their own code asks for */
export async function nodeModulesOf(
  { folder }: DocumentedPage,
  entries: readonly string[],
): Promise<readonly string[]> {
  const asked = new Set<string>();
  const watch: Plugin = {
    name: "node-modules",
    enforce: "pre",
    resolveId: (source) => {
      if (isBuiltin(source)) asked.add(source);
    },
  };
  const lines = entries.map((entry, at) => `export * as entry${at} from "${entry}";`);
  await write(folder, "entries.js", lines.join("\n"));
  await build({
    root: folder,
    logLevel: "error",
    plugins: [watch],
    build: { write: false, minify: false, rolldownOptions: { input: join(folder, "entries.js") } },
  });
  return [...asked].sort();
}

/** Serves what was built. @param withHeaders as vite.config.js says, or none of its headers */
export async function servePage(
  page: DocumentedPage,
  withHeaders: boolean,
): Promise<PreviewServer> {
  return preview({
    root: page.folder,
    logLevel: "silent",
    preview: { port: 0 },
    ...(!withHeaders && { configFile: false }),
  });
}

/** The same program in Node. */
export async function shownInNode(page: DocumentedPage): Promise<Shown> {
  const compiled = await readFile(join(page.folder, "compiled", "main.js"), "utf8");
  const program = compiled
    .replace('"potstill/web"', '"potstill/node"')
    .replace("{ webRuntime }", "{ nodeRuntime as webRuntime }");
  const browser = `import { readFile } from "node:fs/promises";
    globalThis.fetch = async (name) => new Response(await readFile("public/" + name));
    globalThis.document = { body: { append: (text) => console.log(text) } };`;
  await write(page.folder, "main-node.js", `${browser}\n${program}`);
  return JSON.parse(await succeed(page.folder, process.execPath, ["main-node.js"])) as Shown; // its last line prints one
}
