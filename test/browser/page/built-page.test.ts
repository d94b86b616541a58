import { readFile } from "node:fs/promises";
import { type Browser, chromium, type Page } from "playwright";
import type { PreviewServer } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumOptions } from "../../../config/chromium.ts";
import {
  buildPage,
  type DocumentedPage,
  hereFile,
  nodeModulesOf,
  type Shown,
  servePage,
  shownInNode,
} from "./documented-page.ts";

let page: DocumentedPage;
let inNode: Shown;
let browser: Browser;
beforeAll(async () => {
  page = await buildPage();
  inNode = await shownInNode(page);
  browser = await chromium.launch(chromiumOptions);
});
afterAll(async () => {
  await browser?.close();
  await page?.remove();
});

/** What happened in the browser besides. */
interface Visit {
  /** what the page, the library or ONNX Runtime printed, and errors that nobody caught */
  readonly said: readonly string[];
  /** the last part of each address that the server was asked for, without its hash */
  readonly loaded: readonly string[];
}

interface Arrangement {
  /** default index.html */
  readonly file?: string;
  /** before the page is opened */
  readonly prepare?: (open: Page) => Promise<unknown>;
}

/** Opens the page, hands it over, closes it. */
async function visit<T>(
  server: PreviewServer,
  look: (open: Page) => Promise<T>,
  { file = "", prepare = async () => undefined }: Arrangement = {},
): Promise<Visit & { readonly found: T }> {
  const said: string[] = [];
  const loaded: string[] = [];
  const open = await browser.newPage();
  open.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  open.on("pageerror", ({ message }) => said.push(message));
  open.on("request", (request) => loaded.push(fileOf(request.url())));
  await open.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
  await prepare(open);
  try {
    await open.goto(server.resolvedUrls!.local[0]! + file); // it listens
    return { found: await look(open), said, loaded };
  } finally {
    await open.close();
    await server.close();
  }
}

const fileOf = (url: string): string =>
  new URL(url).pathname
    .split("/")
    .at(-1)!
    .replace(/-[\w-]{8}(?=\.\w+$)/, "");

async function shown(open: Page): Promise<Shown> {
  const done = open.locator("body", { hasText: "}" }).textContent({ timeout: 60_000 });
  const failed = open.waitForEvent("pageerror", { timeout: 60_000 });
  const text = await Promise.race([done, failed.then((error) => Promise.reject(error))]);
  return JSON.parse(text!) as Shown; // it matched, and the program's last line writes one
}

function expectAsInNode({ before, after, accuracy }: Shown): void {
  expect(before.length).toBe(6);
  for (const [at, value] of before.entries()) expect(value).toBeCloseTo(inNode.before[at]!, 5);
  // ten epochs: the runtimes' sums, in other orders, have gone apart a little
  for (const [at, value] of after.entries()) expect(value).toBeCloseTo(inNode.after[at]!, 3);
  expect(accuracy).toBeCloseTo(inNode.accuracy, 1);
}

test("with the headers the built page runs and trains on threads, with Node's numbers", async () => {
  const { found, said, loaded } = await visit(await servePage(page, true), shown);
  expect(said).toEqual([]);
  expect(found.hasThreads).toBe(true);
  expectAsInNode(found);
  const binaries = new Set(loaded.filter((file) => file.endsWith(".wasm")));
  expect([...binaries]).toEqual(["ort-wasm-simd-threaded.wasm"]); // WebGPU's has twice the size
});

test("without them it has one thread, says so where it is asked, and prints nothing", async () => {
  const { found, said } = await visit(await servePage(page, false), shown);
  expect(said).toEqual([]);
  expect(found.hasThreads).toBe(false);
  expectAsInNode(found);
});

test("worker: false has threads too, which leave the page's own script alone", async () => {
  const { found, said } = await visit(await servePage(page, true), shown, { file: hereFile });
  expect(said).toEqual([]);
  expect(found.hasThreads).toBe(true);
  expectAsInNode(found);
});

test("a worker's script that is not there is named", async () => {
  const refused = visit(await servePage(page, true), shown, {
    prepare: (open) => open.route("**/web-worker*", (route) => route.fulfill({ status: 404 })),
  });
  await expect(refused).rejects.toThrow(
    /^webRuntime: the script of its worker must be served from the page's origin, with the page's headers, got nothing that runs from http:.*\/assets\/web-worker\.js, or from where a bundler has put it\. See what the server answers .*Vite: optimizeDeps: \{ exclude: \["potstill"\] \}/,
  );
});

test("Vite has nothing to warn of", () => {
  expect(page.warnings).toEqual([]);
});

test("potstill/node is the only entry that needs Node", async () => {
  const file = `${page.folder}/node_modules/potstill/package.json`;
  const about = JSON.parse(await readFile(file, "utf8")) as {
    exports: Record<string, unknown>; // as it stands there
  };
  const entries = Object.keys(about.exports)
    .filter((entry) => !/[*]|json$/.test(entry))
    .map((entry) => `potstill${entry.slice(1)}`);
  const forBrowsers = entries.filter((entry) => entry !== "potstill/node");
  expect(forBrowsers).toContain("potstill/web");
  expect(await nodeModulesOf(page, forBrowsers)).toEqual([]);
  expect(await nodeModulesOf(page, ["potstill/node"])).toContain("node:fs/promises");
});
