/** @file Events and numbers as text for people. */

import type {
  DistillEvent,
  GenerateEvent,
  RecognitionEvent,
  SearchEvent,
} from "../../distill/index.ts";

/** @returns what is worth a line of its own, or undefined */
export function epochLine(event: DistillEvent, title: string, rate: number): string | undefined {
  switch (event.type) {
    case "epoch": {
      const { epochs, record } = event;
      const terms = showTerms(record.train);
      const accuracy = showPercent(record.validationAccuracy);
      return `${title}  epoch ${record.epoch}/${epochs}  ${terms}  validation ${accuracy}  ${showRate(rate)}`;
    }
    case "label":
      return event.done === event.total || event.done === 0
        ? `soft labels  ${event.done}/${event.total}`
        : undefined;
    case "generate":
      return event.done === event.total || event.done === 0 ? generateLine(event) : undefined;
    case "check":
      return checkLine(event);
    case "search-start":
    case "search-end":
      return searchLine(event);
    case "recognition":
      return recognitionLine(event);
    default:
      return undefined;
  }
}

/** @returns "generated samples  400/400  kl 1.83 to 0.00412  397 different" */
function generateLine({ done, total, descent, distinct }: GenerateEvent): string {
  const kl = descent && `kl ${showNumber(descent.first)} to ${showNumber(descent.last)}`;
  const different = distinct === null ? [] : [`${distinct} different`];
  return ["generated samples", `${done}/${total}`, ...(kl ? [kl] : []), ...different].join("  ");
}

/** @returns the line about a finished job that stays above the bar; undefined for other events */
export function milestoneLine(event: DistillEvent): string | undefined {
  switch (event.type) {
    case "job-end":
      return `${event.job}  best epoch ${event.bestEpoch}  validation ${showPercent(event.validationAccuracy)}`;
    case "check":
      return checkLine(event);
    case "search-start":
    case "search-end":
      return searchLine(event);
    case "recognition":
      return recognitionLine(event);
    default:
      return undefined;
  }
}

function recognitionLine({ system, validationWordErrorRate }: RecognitionEvent): string {
  return `words  ${system}  validation word error rate ${showPercent(validationWordErrorRate)}`;
}

function searchLine(event: SearchEvent): string {
  if (event.type === "search-end")
    return `search  ${event.chosen} was taken, validation ${showPercent(event.validationAccuracy)}`;
  const { board, candidates, rungs, tooLarge } = event;
  const halving = rungs.map(({ count, epochs }) => `${count} for ${epochs}`).join(", ");
  return `search  ${candidates.length} students fit ${board}, ${tooLarge} do not; students for epochs: ${halving}`;
}

function checkLine({ check }: Extract<DistillEvent, { type: "check" }>): string {
  return `check ${check.id} ${check.passed ? "passed" : "FAILED"}  ${check.name}: ${check.detail}`;
}

/** @returns "[3/41] distilled/seed-1" */
export function jobTitle({
  job,
  number,
  total,
}: Extract<DistillEvent, { type: "job-start" }>): string {
  return `[${number}/${total}] ${job}`;
}

/** @returns "loss 0.412 hard 0.300 soft 0.425" */
export function showTerms(terms: Readonly<Record<string, number>>): string {
  return Object.entries(terms)
    .map(([name, value]) => `${name} ${showNumber(value)}`)
    .join(" ");
}

function showNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  return value.toPrecision(3);
}

export function showPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

export function showRate(samplesPerSecond: number): string {
  return samplesPerSecond >= 10_000
    ? `${Math.round(samplesPerSecond / 1000)}k samples/s`
    : `${Math.round(samplesPerSecond)} samples/s`;
}

/** @returns "1:05", "2:10:09" */
export function showDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
