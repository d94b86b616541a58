import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { makeProgram, runProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

function recorder(): Terminal & { readonly said: string[]; readonly printed: string[] } {
  const said: string[] = [];
  const printed: string[] = [];
  const plain = (text: string): string => text;
  return {
    said,
    printed,
    say: (text) => void said.push(text),
    print: (text) => void printed.push(text),
    isInteractive: false,
    bold: plain,
    dim: plain,
    red: plain,
  };
}

async function run(...argv: readonly string[]): Promise<string> {
  const terminal = recorder();
  const code = await runProgram(commands, "0.0.0", terminal, argv);
  return `${code}: ${terminal.said.join("\n")}`;
}

const program = makeProgram(commands, "0.0.0", recorder(), () => undefined);

test("help of the program", () => {
  expect(program.helpInformation()).toMatchSnapshot();
});

test.each(program.commands.map((command) => [command.name(), command] as const))(
  "help of %s",
  (_, command) => {
    expect(command.helpInformation()).toMatchSnapshot();
  },
);

test("every line of help fits into 100 columns", () => {
  for (const command of [program, ...program.commands])
    for (const line of command.helpInformation().split("\n"))
      expect(line.length, line).toBeLessThanOrEqual(100);
});

test("an unknown command or option is answered with the nearest one", async () => {
  expect(await run("distil")).toMatchInlineSnapshot(
    `"2: error [config/unknown-name] potstill: unknown command "distil". Did you mean "distill"? Valid: demo, demo-mcu, distill, plan, sweep, label, train, evaluate, export, inspect, doctor, reproduce, store."`,
  );
  expect(await run("distill", "--resum", "x")).toMatchInlineSnapshot(
    `"2: error [config/unknown-name] potstill distill: unknown option "--resum". Did you mean "--resume"? Valid: --resume, --runs, --store, --json-report, --json, --help."`,
  );
});

test("missing arguments and values are wrong usage", async () => {
  expect(await run("inspect")).toMatchInlineSnapshot(
    `"2: error [config/usage] potstill inspect: missing required argument 'path'. See: potstill inspect --help."`,
  );
  expect(await run("label", "r.yaml", "--out")).toMatchInlineSnapshot(
    `"2: error [config/usage] potstill label: option '--out <folder>' argument missing. See: potstill label --help."`,
  );
  expect(await run("label", "r.yaml")).toMatchInlineSnapshot(
    `"2: error [config/usage] potstill label: needs --out FOLDER, got none. See: potstill label --help."`,
  );
  expect(await run("distill")).toMatchInlineSnapshot(
    `"2: error [config/usage] potstill distill: needs a recipe, got none. See: potstill distill --help."`,
  );
  expect(await run("distill", "r.yaml", "--resume", "runs/a-1")).toMatchInlineSnapshot(
    `"2: error [config/usage] potstill distill --resume: takes the run's own recipe, got r.yaml. See: potstill distill --help."`,
  );
  expect(await run("evaluate", "m.onnx")).toMatchInlineSnapshot(
    `"2: error [config/usage] potstill evaluate: needs --data, got none. See: potstill evaluate --help."`,
  );
});

test("a missing recipe names the nearest file", async () => {
  expect(await run("distill", "recipes/digits-quik.yaml")).toMatchInlineSnapshot(
    `"2: error [file/missing] recipes/digits-quik.yaml: the recipe must be a file, got no such file. Did you mean "recipes/digits-quick.yaml"? Otherwise correct the path."`,
  );
});
