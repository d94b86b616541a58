/** @file HTML as a value of its own type, so that text is always escaped and never twice. */

/** A piece of finished HTML. Made by {@link html}, {@link raw} and {@link join} alone. */
export interface Markup {
  readonly markup: string;
}

type Piece = Markup | string | number | null | readonly Markup[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Template tag: strings and numbers are escaped, markup goes in as it is, null leaves nothing. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let markup = parts[0]!;
  pieces.forEach((piece, i) => {
    markup += show(piece) + parts[i + 1]!;
  });
  return { markup };
}

/** Declares a string to be finished HTML: our own style sheet. */
export function raw(markup: string): Markup {
  return { markup };
}

/** All pieces one after another. */
export function join(pieces: readonly Markup[]): Markup {
  return raw(pieces.map(({ markup }) => markup).join(""));
}

function show(piece: Piece): string {
  if (piece === null) return "";
  if (typeof piece === "string" || typeof piece === "number")
    return String(piece).replace(/[&<>"']/g, (character) => escapes[character]!);
  return "markup" in piece ? piece.markup : join(piece).markup;
}
