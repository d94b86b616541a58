/**
 * @file Puts the rows of bench/results/paper-*.json into docs/paper.md, between the lines
 * `<!-- rows of FILE: start -->` and `<!-- rows of FILE: end -->`.
 *
 * usage: node bench/paper/tables.mjs [--check]
 *
 * With --check nothing is written, and the exit code is 1 if the page differs from the rows.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const page = pathOf("../../docs/paper.md");
const places = /(<!-- rows of (\S+): start -->\n)[\s\S]*?(<!-- rows of \2: end -->)/g;

const number = (x, unit) => (typeof x === "number" ? Number(x.toFixed(unit === "errors" ? 1 : 2)).toString() : "–");

function cells({ case: name, metric, unit, potstill, low, high, peer, difference }) {
  const show = (x) => number(x, unit);
  const interval = low === undefined ? "" : ` [${show(low)}, ${show(high)}]`;
  const own = potstill === null ? "undefined" : `${show(potstill)}${interval}`;
  const more = difference ? `${show(difference.mean)} [${show(difference.low)}, ${show(difference.high)}]` : "";
  return [name, metric, own, more, show(peer)];
}

/** @returns a table of the rows of a results file, without the columns that stay empty */
function tableOf(file) {
  if (!existsSync(file)) return "Not finished yet.\n";
  const rows = JSON.parse(readFileSync(file, "utf8"));
  const head = ["", "measure", "Potstill [95 %]", "difference", "the paper"];
  const body = rows.map(cells);
  const kept = head.map((_, at) => at === 4 || body.some((row) => row[at] !== ""));
  const line = (row) => `| ${row.filter((_, at) => kept[at]).join(" | ")} |\n`;
  const { machine, threads, date, hours: byClock, cpuHours } = rows[0];
  const ofCpu = cpuHours === undefined ? "" : ` (${cpuHours} of processor time)`;
  const hours = byClock === undefined ? "" : `${byClock} hours${ofCpu} on `;
  const note = rows[0].counts === false ? "\nThese numbers miss a floor, so they do not count.\n" : "";
  return (
    line(head) + line(head.map(() => "---")) + body.map(line).join("") + note +
    `\n${hours}${machine}, ${threads} ${threads === 1 ? "thread" : "threads"}, ${date}.\n`
  );
}

/** @returns our cases beside the paper's, by the number of specialists that cover the true class */
function coverageTable(file) {
  const rows = JSON.parse(readFileSync(file, "utf8"));
  const signed = (x, digits) => (x < 0 ? "−" : "+") + Math.abs(x).toFixed(digits);
  const side = (cases, change, relative) =>
    cases === 0 ? ["–", "–", "–"] : [cases, signed(change, 0), relative === null ? "–" : `${signed(relative, 1)} %`];
  const body = rows.map(({ specialists, cases, change, potstill, peerCases, peerChange, peer }) => [
    ...[specialists, ...side(cases, change, potstill)],
    ...side(peerCases, peerChange, peer),
  ]);
  const head = ["specialists", "cases", "Δ correct", "relative", "paper: cases", "Δ correct", "relative"];
  return [head, head.map(() => "---"), ...body].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

const before = readFileSync(page, "utf8");
const after = before.replaceAll(places, (_, start, name, end) => {
  const file = pathOf(`../results/${name}`);
  return start + (name.endsWith("-coverage.json") ? coverageTable(file) : tableOf(file)) + end;
});
if (process.argv.includes("--check")) process.exitCode = before === after ? 0 : 1;
else writeFileSync(page, after);
