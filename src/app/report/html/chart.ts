/** @file Charts as inline SVG: two axes, and between them the marks that the caller draws. */

import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { html, type Markup } from "./markup.ts";

/** All charts are drawn this wide, in pixels, and scaled by the page. */
export const chartWidth = 460;

/** Of wide system fonts, 12 pixels high. */
const letterWidth = 6.8;

export interface Axis {
  /** the axis reaches from the smallest to the largest */
  readonly values: readonly number[];
  /** texts instead of numbers, as {@link named} makes them */
  readonly ticks?: readonly Tick[];
  readonly label?: string;
  /** lines across the chart, and ends that are ticks */
  readonly hasGrid?: boolean;
  readonly isLogarithmic?: boolean;
  /** of counts: ticks at whole numbers alone */
  readonly isWhole?: boolean;
}

interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Where a value stands, in pixels. */
export type Place = (value: number) => number;

/** The place between the axes, in pixels. */
interface Inside {
  readonly top: number;
  readonly bottom: number;
}

export interface ChartOptions {
  readonly width?: number;
  readonly height?: number;
  readonly x: Axis;
  readonly y: Axis;
  /**
   * SVG elements. Their colours are the page's custom properties (`var(--distilled)`), so that they
   * follow the light and dark scheme.
   */
  readonly marks: (x: Place, y: Place, inside: Inside) => readonly Markup[];
}

/** Names side by side, or one below the other: the n-th at n, each 1 wide. */
export function named(names: readonly string[]): Axis {
  return { values: [-0.5, names.length - 0.5], ticks: names.map((text, at) => ({ at, text })) };
}

/** @returns `text` with at most `most` letters */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** One chart under its caption. */
export function chart(caption: string, options: ChartOptions): Markup {
  return html`<figure><figcaption>${caption}</figcaption>${drawSvg(caption, options)}</figure>`;
}

/** @returns the chart alone, as part of a page, with its caption for those who cannot see it */
export function drawSvg(caption: string, options: ChartOptions): Markup {
  const { width = chartWidth, height = 260 } = options;
  const y = prepare(options.y, height / 45);
  const [left, right] = [16 + y.widest, width - 16];
  const x = prepare(options.x, Math.max(4, (right - left) / 80));
  const isTurned = x.isNamed && x.widest > (right - left) / x.ticks.length;
  const below = (isTurned ? 18 + x.widest * Math.SQRT1_2 : 24) + (x.label === undefined ? 0 : 20);
  const [top, bottom] = [y.label === undefined ? 14 : 30, Math.round(height - below)];
  x.scale.range([left, right]);
  y.scale.range(y.isNamed ? [top, bottom] : [bottom, top]);
  const xTexts = x.ticks.map(({ at, text: name }) => {
    const start = [x.place(at), bottom + 18] as const;
    const turned = html` text-anchor="end" transform="rotate(-45 ${start.join(" ")})"`;
    return text(name, start, isTurned ? turned : null);
  });
  const yTexts = y.ticks.map(({ at, text: name }) =>
    text(name, [left - 9, y.place(at) + 4], atEnd),
  );
  const above = y.label && text(`${y.isNamed ? "↓" : "↑"} ${y.label}`, [3, 14], atStart);
  const beyond = x.label && text(`${x.label} →`, [width - 3, height - 4], atEnd);
  return html`<svg role="img" aria-label="${caption}" viewBox="0 0 ${width} ${height}"
 width="${width}" height="${height}" font-size="12" font-family="system-ui, sans-serif"
 text-anchor="middle" fill="currentColor">
${x.hasGrid ? path(x, (at) => `M${at},${top}V${bottom}`, 0.1) : null}
${y.hasGrid ? path(y, (at) => `M${left},${at}H${right}`, 0.1) : null}
${x.isNamed ? null : path(x, (at) => `M${at},${bottom}v6`)}
${y.isNamed ? null : path(y, (at) => `M${left},${at}h-6`)}
${xTexts}${yTexts}${above ?? null}${beyond ?? null}
${options.marks(x.place, y.place, { top, bottom })}</svg>`;
}

/** At every tick. */
function path({ ticks, place }: Side, draw: (at: number) => string, opacity = 1): Markup {
  const drawn = ticks.map(({ at }) => draw(place(at))).join("");
  return html`<path d="${drawn}" stroke="currentColor" stroke-opacity="${opacity}"/>`;
}

/** @param more attributes: {@link atStart}, {@link atEnd}; without them it is centred */
export function text(
  content: string | number,
  [x, y]: readonly [number, number],
  more: Markup | null = null,
): Markup {
  return html`<text x="${x}" y="${y}"${more}>${content}</text>`;
}

export const atStart: Markup = html` text-anchor="start"`;
export const atEnd: Markup = html` text-anchor="end"`;

/** @returns the path of a bar from the axis up, with a gap to its neighbours */
export function bar(
  x: Place,
  y: Place,
  [from, to]: readonly [number, number],
  height: number,
): string {
  return `M${x(from) + 0.5},${y(0)}V${y(height)}H${x(to) - 0.5}V${y(0)}z`;
}

type Side = ReturnType<typeof prepare>;

function prepare(axis: Axis, count: number) {
  const { values, hasGrid = false, isLogarithmic = false, isWhole = false } = axis;
  const scale: ScaleContinuousNumeric<number, number> = isLogarithmic ? scaleLog() : scaleLinear();
  const [low, high] = ends(values);
  scale.domain([low, high]);
  if (hasGrid) scale.nice(count);
  const format = high >= 1e4 ? "~s" : isLogarithmic || isWhole ? "~r" : undefined;
  const show = scale.tickFormat(count, format);
  const numbers = scale.ticks(count).filter((at) => !isWhole || Number.isInteger(at));
  const ticks =
    axis.ticks ?? numbers.map((at) => ({ at, text: show(at).replace(/^0[a-z]$/i, "0") }));
  const widest = letterWidth * Math.max(0, ...ticks.map((tick) => tick.text.length));
  const place: Place = (value) => Math.round(10 * scale(value)) / 10;
  return { ...axis, scale, ticks, widest, place, isNamed: axis.ticks !== undefined };
}

/** Around equal values, or none, there is some room. */
function ends(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (low > high) return [1, 2];
  const room = low < high ? 0 : Math.abs(low) / 10 || 1;
  return [low - room, high + room];
}
