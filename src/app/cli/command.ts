/** @file What a command is: data for its help, and a function that is loaded when it runs. */

import type { Terminal } from "./terminal.ts";

export interface ArgumentSpec {
  /** "<recipe>", "[overrides...]" */
  readonly name: string;
  readonly description: string;
}

export interface OptionSpec {
  /** "--out <folder>" */
  readonly flags: string;
  readonly description: string;
}

/** Option values by camel-case name, as the command line gave them. */
export type OptionValues = Readonly<
  Record<string, string | boolean | readonly string[] | undefined>
>;

export interface Invocation {
  readonly args: readonly string[];
  readonly options: OptionValues;
  readonly terminal: Terminal;
  /** the whole command line after the program's name */
  readonly commandLine: readonly string[];
}

/** 0 fine, 1 the run failed, 2 wrong usage or input, 130 interrupted */
export type ExitCode = 0 | 1 | 2 | 130;

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** below the summary in the command's own help */
  readonly details?: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

/** @returns the words of a variadic argument, which commander gives as a list, as plain words */
export function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export const overridesArgument: ArgumentSpec = {
  name: "[overrides...]",
  description: "changes of the recipe: training.epochs=10",
};

export const jsonOption: OptionSpec = {
  flags: "--json",
  description: "print events on stdout, one JSON object a line",
};
