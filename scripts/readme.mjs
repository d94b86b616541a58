/** @file `npm run readme -- report.json`: writes the demo's card into README.md. Build first. */

import { readFileSync, writeFileSync } from "node:fs";
import { parseReport, renderCard } from "potstill/report";

const [reportFile] = process.argv.slice(2);
if (reportFile === undefined) throw new Error("npm run readme -- report.json");
const report = parseReport(JSON.parse(readFileSync(reportFile, "utf8")), reportFile);
const readmeFile = new URL("../README.md", import.meta.url);
const readme = readFileSync(readmeFile, "utf8");
const block = /(<!-- demo:begin[^>]*-->\n)[\s\S]*?(<!-- demo:end -->)/;
if (!block.test(readme)) throw new Error("README.md has no <!-- demo:begin --> block");
const card = `\`\`\`\n${renderCard(report).trimEnd()}\n\`\`\`\n`;
writeFileSync(
  readmeFile,
  readme.replace(block, (_, begin, end) => begin + card + end),
);
