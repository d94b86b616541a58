/**
 * @file From text to token ids: words and signs, the most frequent ones numbered.
 */

import { assertInRange, DataError } from "../../errors/index.ts";
import type { TextEncoding } from "../dataset.ts";

/** Id that fills up short samples. */
export const paddingId = 0;
/** Id of every token that is not in the vocabulary. */
export const unknownId = 1;

/**
 * Cuts text into tokens: runs of letters and digits with their apostrophes and accents, and every
 * other visible sign alone. Compatibility forms become one (NFKC), and letters small.
 *
 * @example tokens("Don't PANIC!") → ["don't", "panic", "!"]
 */
export function tokens(text: string): readonly string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{N}\p{M}]+)*|[^\s\p{L}\p{N}\p{M}]/gu) ?? []
  );
}

/**
 * Numbers the most frequent tokens: of equally frequent ones those first in code-point order.
 *
 * @param size ids in all, at least 3: padding, unknown, and tokens
 * @param length tokens that a sample keeps
 * @throws ConfigError "config/range"; DataError "data/empty" if the texts hold no token
 */
export function textEncoding(
  texts: readonly string[],
  { size, length }: { readonly size: number; readonly length: number },
): TextEncoding {
  assertInRange("text", { vocabulary: size }, { from: 3, isInteger: true });
  assertInRange("text", { length }, { from: 1, isInteger: true });
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const token of tokens(text)) counts.set(token, (counts.get(token) ?? 0) + 1);
  if (counts.size === 0)
    throw new DataError("data/empty", {
      where: "text",
      rule: "the texts must hold a token",
      got: `none in ${texts.length} samples`,
      fix: "Check which column holds the text",
      details: { samples: texts.length },
    });
  const frequent = [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, size - 2)
    .map(([token]) => token);
  return { vocabulary: ["<padding>", "<unknown>", ...frequent], length };
}

/** @returns int32 [texts · length]: ids of each text's first tokens, filled up with padding */
export function encodeTexts(
  texts: readonly string[],
  { vocabulary, length }: TextEncoding,
): Int32Array {
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  const encoded = new Int32Array(texts.length * length).fill(paddingId);
  for (const [row, text] of texts.entries())
    for (const [place, token] of tokens(text).slice(0, length).entries())
      encoded[row * length + place] = ids.get(token) ?? unknownId;
  return encoded;
}
