/**
 * @file A process that runs the built command line again and again, as its parent asks: what takes longest in most tests
 * is that a new one loads 900 modules. Receives [folder, words], sends { code, stdout, stderr }.
 */

import { tmpdir } from "node:os";
import { commands } from "../../dist/app/cli/commands.js";
import { ownVersion } from "../../dist/app/cli/environment.js";
import { runProgram } from "../../dist/app/cli/program.js";
import { processTerminal } from "../../dist/app/cli/terminal.js";

let said;
for (const name of ["stdout", "stderr"])
  process[name].write = (chunk) => {
    said[name] += chunk;
    return true;
  };

process.on("message", async ([folder, words]) => {
  said = { stdout: "", stderr: "" };
  process.chdir(folder);
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...words); // reports quote them
  const code = await runProgram(commands, ownVersion(), processTerminal(), words);
  process.chdir(tmpdir()); // the folder will go
  process.send({ code, ...said });
});
process.on("disconnect", () => process.exit());
