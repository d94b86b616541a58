/** @file The frame of a page with its style sheet: system fonts, one column, light and dark. */

import { html, type Markup, raw } from "./markup.ts";

/** @returns a whole HTML document that needs nothing else */
export function document(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.markup;
}

const style = `
:root { color-scheme: light dark;
  --paper: #fcfbf9; --ink: #1d1d1f; --quiet: #66645f; --line: #dedad2; --wash: #f2efe9;
  --teacher: #6b6b6b; --distilled: #0a6fb3; --scratch: #c8530a; --scratchAugmented: #118264;
  --scratchSmoothed: #a8558a; --good: #11734b; --bad: #a83a12; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #161719; --ink: #e9e7e2; --quiet: #a09d96; --line: #35363a; --wash: #202226;
  --teacher: #a8a8a8; --distilled: #5db2ee; --scratch: #f08a4b; --scratchAugmented: #4cc3a0;
  --scratchSmoothed: #dd93c0; --good: #5cc796; --bad: #f0885c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 5rem; max-width: 68rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
h1 { font-size: clamp(1.6rem, 4vw, 2.3rem); line-height: 1.15; margin: .2rem 0 .8rem;
  letter-spacing: -.015em; font-weight: 650; text-wrap: balance; }
h2 { font-size: 1.25rem; margin: 3.2rem 0 .5rem; padding-top: .9rem; border-top: 1px solid var(--line);
  font-weight: 650; }
h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; font-weight: 600; }
p { max-width: 44rem; margin: .4rem 0 .8rem; }
.kicker, figcaption, caption, .quiet { color: var(--quiet); font-size: .84rem; }
.kicker { margin: 0; letter-spacing: .02em; }
.verdict { font-size: 1.15rem; line-height: 1.45; padding: .1rem 0 .1rem .9rem; margin: 0 0 1.6rem;
  border-left: 4px solid var(--quiet); }
.verdict.helped { border-color: var(--good); } .verdict.hurt { border-color: var(--bad); }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .84rem; margin: 1.5rem 0 0; }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
.scroll { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; font-size: .9rem; min-width: 100%;
  font-variant-numeric: tabular-nums lining-nums; }
caption { text-align: left; padding-bottom: .35rem; caption-side: top; }
th, td { padding: .34rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap;
  vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
thead th { white-space: normal; color: var(--quiet); font-weight: 500; font-size: .8rem; border-color: var(--quiet);
  vertical-align: bottom; }
tbody th { font-weight: 400; }
.number { text-align: right; } .text { text-align: left; } td.text { white-space: normal; }
tr.mark > * { background: var(--wash); font-weight: 600; }
tr.mark > :first-child { box-shadow: -.5rem 0 0 var(--wash); }
.dot { display: inline-block; width: .62em; height: .62em; border-radius: 50%; margin-right: .5em; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 1.2rem 2rem; align-items: start; }
.grid.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
figure { margin: .6rem 0; min-width: 0; }
figure > svg { display: block; width: 100%; height: auto; max-width: 34rem; overflow: visible; }
.grid.small figure > svg { max-width: 17rem; }
svg text { white-space: pre; } figcaption { margin-bottom: .3rem; max-width: 34rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .84rem; margin: .4rem 0; }
.sample { display: flex; gap: .9rem; align-items: flex-start; }
.sample img { width: 4.2rem; image-rendering: pixelated; border: 1px solid var(--line); flex: none; }
.sample figure { margin: 0; flex: 1; }
.pass { color: var(--good); } .fail { color: var(--bad); font-weight: 650; }
pre { background: var(--wash); padding: .8rem 1rem; overflow-x: auto; font-size: .82rem; line-height: 1.45;
  border-radius: 4px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; font-size: .9rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--quiet); font-size: .9rem; padding: .3rem 0; }
footer { margin-top: 3rem; }
@media (max-width: 30rem) { body { padding: 1.5rem 1rem 3rem; } dl { grid-template-columns: 1fr; }
  dd { margin-bottom: .4rem; } }
@media print { body { max-width: none; } h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }
`;
