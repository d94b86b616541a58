/** @file C: products of weight rows with one or four patches; dense layers and convolutions. */

import type { KernelTraits } from "./scale.ts";

/** SMLAD takes two products at a time; sxtb16 spreads bytes 0 and 2, rotated by 8 bytes 1 and 3. */
export const dspHelpers = ({ byFour }: KernelTraits): string => `
#if NAME_DSP
static inline uint32_t word_at(const int8_t *at) {
  uint32_t word;
  __builtin_memcpy(&word, at, 4);
  return word;
}

static inline uint32_t even_bytes(uint32_t word) {
  uint32_t pair;
  __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
  return pair;
}

static inline uint32_t odd_bytes(uint32_t word) {
  uint32_t pair;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
  return pair;
}

static inline int32_t dual_product(uint32_t a, uint32_t b, int32_t acc) {
  int32_t sum;
  __asm__("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(acc));
  return sum;
}

/* spreads bytes into pairs of 16 bits${byFour.taps ? "" : "; zeros fill the last word"} */
static void spread(const int8_t *x, int32_t bytes, uint32_t *to, int32_t stride) {
  for (; bytes >= 4; bytes -= 4, x += 4, to += stride) {
    const uint32_t word = word_at(x);
    to[0] = even_bytes(word);
    to[1] = odd_bytes(word);
  }
${byFour.taps ? "" : restOfSpread}}
#endif
`;

const restOfSpread = `  if (bytes > 0) {
    uint32_t word = 0;
    int32_t i;
    for (i = 0; i < bytes; i++) word |= (uint32_t)(uint8_t)x[i] << (8 * i);
    to[0] = even_bytes(word);
    to[1] = odd_bytes(word);
  }
`;

/** For networks of short rows only: least code. */
export const rowsShort = `
/* every output of one patch */
static int8_t *rows(const weighted *p, const int8_t *x, int8_t *y) {
  const int8_t *w = p->weights, *const end = x + p->taps;
  const int32_t *bias = p->bias;
  int32_t o = 0;
  do {
    const int8_t *at = x;
    int32_t acc = *bias++;
    do acc += *at++ * *w++;
    while (at != end);
    *y++ = finished(p, acc, o);
  } while (++o != p->outputs);
  return y;
}
`;

export const rowsPortable = `
/* every output of one patch */
static int8_t *rows(const weighted *p, const int8_t *x, int8_t *y) {
  const weighted own = *p; /* writes to y cannot change it */
  const int8_t *w = own.weights;
  const int8_t *const end = x + own.taps, *const fours = x + (own.taps & ~3);
  int32_t o;
  for (o = 0; o < own.outputs; o++) {
    const int8_t *at = x;
    int32_t acc = own.bias[o];
    for (; at != fours; at += 4, w += 4) {
      acc += at[0] * w[0];
      acc += at[1] * w[1];
      acc += at[2] * w[2];
      acc += at[3] * w[3];
    }
    while (at != end) acc += *at++ * *w++;
    *y++ = finished(&own, acc, o);
  }
  return y;
}
`;

const restOfRows = `  for (; o < p->outputs; o++) {
    const int8_t *const next = w0 + taps;
    int32_t acc = p->bias[o];
    const uint32_t *at = x;
    do {
      const uint32_t word = word_at(w0);
      w0 += 4;
      acc = dual_product(even_bytes(word), at[0], acc);
      acc = dual_product(odd_bytes(word), at[1], acc);
      at += 2;
    } while (at != end);
    w0 = next;
    *y++ = finished(p, acc, o);
  }
`;

export const rowsDsp = ({ byFour }: KernelTraits): string => `
/* every output of one spread patch, four rows at a time */
static int8_t *spread_rows(const weighted *p, const uint32_t *x, int8_t *y) {
  const int32_t taps = p->taps;
  const uint32_t *const end = x + (taps + 3) / 4 * 2;
  const int8_t *w0 = p->weights;
  int32_t o = 0;
  for (; o + 4 <= p->outputs; o += 4) {
    const int8_t *const next = w0 + 4 * taps;
    int32_t acc0 = p->bias[o], acc1 = p->bias[o + 1];
    int32_t acc2 = p->bias[o + 2], acc3 = p->bias[o + 3];
    const int8_t *w2 = w0 + 2 * taps;
    const uint32_t *at = x;

    uint32_t even, odd, word, pair;
    /* four columns of four rows: w0 and the row after it, w2 and the row after it */
    __asm__("1: ldrd %7, %8, [%4], #8\\n\\t"
            "ldr %9, [%5, %11]\\n\\t"
            "sxtb16 %10, %9\\n\\t"
            "smlad %1, %10, %7, %1\\n\\t"
            "sxtb16 %10, %9, ror #8\\n\\t"
            "smlad %1, %10, %8, %1\\n\\t"
            "ldr %9, [%5], #4\\n\\t"
            "sxtb16 %10, %9\\n\\t"
            "smlad %0, %10, %7, %0\\n\\t"
            "sxtb16 %10, %9, ror #8\\n\\t"
            "smlad %0, %10, %8, %0\\n\\t"
            "ldr %9, [%6, %11]\\n\\t"
            "sxtb16 %10, %9\\n\\t"
            "smlad %3, %10, %7, %3\\n\\t"
            "sxtb16 %10, %9, ror #8\\n\\t"
            "smlad %3, %10, %8, %3\\n\\t"
            "ldr %9, [%6], #4\\n\\t"
            "sxtb16 %10, %9\\n\\t"
            "smlad %2, %10, %7, %2\\n\\t"
            "sxtb16 %10, %9, ror #8\\n\\t"
            "smlad %2, %10, %8, %2\\n\\t"
            "ldr %9, %12\\n\\t"
            "cmp %4, %9\\n\\t"
            "bne 1b"
            : "+r"(acc0), "+r"(acc1), "+r"(acc2), "+r"(acc3), "+r"(at), "+r"(w0), "+r"(w2),
              "=&r"(even), "=&r"(odd), "=&r"(word), "=&r"(pair)
            : "r"(taps), "m"(end) /* twelve registers: some compilers find no thirteenth */
            : "cc", "memory");
    w0 = next;
    *y++ = finished(p, acc0, o);
    *y++ = finished(p, acc1, o + 1);
    *y++ = finished(p, acc2, o + 2);
    *y++ = finished(p, acc3, o + 3);
  }
${byFour.outputs ? "" : restOfRows}  return y;
}
`;

/** Four columns of a row: a word of weights, with two words of each patch. */
const fourColumns: string = [
  "ldr %6, [%5], #4",
  "sxtb16 %7, %6, ror #8",
  "sxtb16 %6, %6",
  ...[0, 1, 2, 3].flatMap((acc) => [
    "ldrd %8, %9, [%4], #8",
    `smlad %${acc}, %6, %8, %${acc}`,
    `smlad %${acc}, %7, %9, %${acc}`,
  ]),
]
  .map((text) => `            "${text}\\n\\t"`)
  .join("\n");

export const columnsDsp: string = `
#if NAME_DSP
/* every output of four spread patches that lie interleaved, one row at a time */
static void spread_columns(const weighted *p, const uint32_t *x, int8_t *y) {
  const int32_t taps = p->taps, outputs = p->outputs;
  const uint32_t *const end = x + (taps + 3) / 4 * 8;
  const int8_t *row = p->weights;
  int32_t o;
  for (o = 0; o < outputs; o++, row += taps, y++) {
    const int32_t bias = p->bias[o];
    const int32_t multiplier = MULTIPLIER_OF(p, o), shift = SHIFT_OF(p, o);
    int32_t acc0 = bias, acc1 = bias, acc2 = bias, acc3 = bias;
    const int8_t *w = row;
    const uint32_t *at = x;

    uint32_t even, odd, a, b;
    /* four columns of one row with four patches, twice a turn; an odd count enters at 2 */
    __asm__("sub %6, %10, %4\\n\\t"
            "lsls %6, %6, #26\\n\\t"
            "bmi 2f\\n"
            "1:\\n\\t"
${fourColumns}
            "2:\\n\\t"
${fourColumns}
            "cmp %4, %10\\n\\t"
            "bne 1b"
            : "+r"(acc0), "+r"(acc1), "+r"(acc2), "+r"(acc3), "+r"(at), "+r"(w),
              "=&r"(even), "=&r"(odd), "=&r"(a), "=&r"(b)
            : "r"(end)
            : "cc", "memory");
    y[0] = narrowed(p, acc0, multiplier, shift);
    y[outputs] = narrowed(p, acc1, multiplier, shift);
    y[2 * outputs] = narrowed(p, acc2, multiplier, shift);
    y[3 * outputs] = narrowed(p, acc3, multiplier, shift);
  }
}
#endif
`;

export const dense = `
#if NAME_DSP
__attribute__((noinline)) /* a copy for each layer would cost flash */
#endif
static void dense(const weighted *p, const int8_t *x, int8_t *y, uint32_t *scratch) {
#if NAME_DSP
  spread(x, p->taps, scratch, 2);
  spread_rows(p, scratch, y);
#else
  (void)scratch;
  rows(p, x, y);
#endif
}
`;
