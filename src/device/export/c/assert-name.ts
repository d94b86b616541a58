/** @file What a network may be called in C. */

import { ConfigError } from "../../../errors/index.ts";

/**
 * Headers that the code includes, the others of C, and those that C libraries' own headers include:
 * a file of that name would hide them.
 */
const headers: readonly string[] = [
  ...["alloca", "arduino", "endian", "features", "newlib", "picolibc", "strings"],
  ...["arm_nnfunctions", "assert", "complex", "ctype", "errno", "fenv", "float", "inttypes"],
  ...["iso646", "limits", "locale", "math", "setjmp", "signal", "stdalign", "stdarg", "stdatomic"],
  ...["stdbool", "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string", "tgmath"],
  ...["threads", "time", "uchar", "wchar", "wctype"],
];

/**
 * @param where the function that was given the name
 * @throws ConfigError "config/name" for a name that is no lower-case C identifier, a header's, or
 *   "main"
 */
export function assertName(where: string, name: string): void {
  const refused = (rule: string): ConfigError =>
    new ConfigError("config/name", {
      where,
      rule,
      got: JSON.stringify(name),
      fix: 'Use a name like "student"',
    });
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw refused("name must be a C identifier of lower-case letters, digits and _");
  if (headers.includes(name))
    throw refused("name must not be that of a C header, which a file of that name would hide");
  if (name === "main")
    throw refused("name must not be that of the file with the program around it, main.c");
}
