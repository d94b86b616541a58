/** @file The command line as commander sees it, and its errors in our words. */

import { Command, CommanderError } from "commander";
import { ConfigError, unknownName } from "../../errors/index.ts";
import type { CommandSpec, ExitCode, OptionValues } from "./command.ts";
import type { Terminal } from "./terminal.ts";

/** @returns the program; `finish` gets the exit code of the command that ran */
export function makeProgram(
  commands: readonly CommandSpec[],
  version: string,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): Command {
  const program = configured(new Command("potstill"))
    .description("Knowledge distillation in TypeScript: compress a large model into a tiny one.")
    .version(version, "-V, --version", "print the version")
    .helpCommand(false)
    .addHelpText("after", "\nStart with: potstill demo");
  for (const spec of commands) program.addCommand(makeCommand(spec, terminal, finish));
  return program;
}

function makeCommand(
  spec: CommandSpec,
  terminal: Terminal,
  finish: (code: ExitCode) => void,
): Command {
  const command = configured(new Command(spec.name)).summary(spec.summary);
  command.description(
    spec.details === undefined ? spec.summary : `${spec.summary}.\n\n${spec.details}`,
  );
  for (const { name, description } of spec.args) command.argument(name, description);
  for (const { flags, description } of spec.options) command.option(flags, description);
  return command.action(async () => {
    const commandLine = ["potstill", spec.name, ...process.argv.slice(3).map(shellQuoted)];
    const options = command.opts<OptionValues>();
    finish(await spec.run({ args: command.args, options, terminal, commandLine }));
  });
}

/** @returns the word as a POSIX shell must be given it */
function shellQuoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Errors are thrown, not printed: `explain` words them. Help lines have at most 100 columns. */
function configured(command: Command): Command {
  return command
    .exitOverride()
    .helpOption("-h, --help", "print this help")
    .showSuggestionAfterError(false)
    .configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    });
}

/**
 * @returns our error for a command line that commander refuses; undefined if help or version was
 * asked for
 */
export function explain(error: CommanderError, program: Command): ConfigError | undefined {
  if (error.exitCode === 0) return undefined;
  const [word] = program.args;
  const command = program.commands.find((candidate) => candidate.name() === word) ?? program;
  const where = command === program ? "potstill" : `potstill ${command.name()}`;
  const named = /'([^']+)'/.exec(error.message)?.[1] ?? "";
  if (error.code === "commander.unknownCommand")
    return unknownName(
      where,
      "command",
      named,
      program.commands.map((c) => c.name()),
    );
  if (error.code === "commander.unknownOption") {
    const flags = command.options.map(({ long }) => long ?? "").filter((flag) => flag !== "");
    return unknownName(where, "option", named, [...flags, "--help"]);
  }
  if (error.code === "commander.help")
    return new ConfigError("config/usage", {
      where,
      rule: "needs a command",
      fix: `Commands: ${program.commands.map((c) => c.name()).join(", ")}; see potstill --help`,
    });
  return new ConfigError("config/usage", {
    where,
    rule: error.message.replace(/^error: /, ""),
    fix: `See: ${where} --help`,
  });
}

/** @returns exit code of the command line */
export async function runProgram(
  commands: readonly CommandSpec[],
  version: string,
  terminal: Terminal,
  argv: readonly string[],
): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = makeProgram(commands, version, terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const explained = explain(error, program);
    if (explained === undefined) return 0;
    terminal.say(`${terminal.red(`error [${explained.code}]`)} ${explained.message}`);
    return 2;
  }
}
