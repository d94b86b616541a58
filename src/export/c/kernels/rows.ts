/** @file C: products of weight rows with one or four patches; dense layers and convolutions. */

/** SMLAD takes two products at a time; sxtb16 spreads bytes 0 and 2, rotated by 8 bytes 1 and 3. */
export const dspHelpers = `
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

typedef struct {
  uint32_t word[2];
} two_words;

/* two words from an aligned address in one instruction */
#define LOAD_TWO(a, b, at, offset)                                                  \\
  __asm__("ldrd %0, %1, [%2, %3]"                                                   \\
          : "=r"(a), "=r"(b)                                                        \\
          : "r"(at), "n"(4 * (offset)), "m"(*(const two_words *)((at) + (offset))))

/* spreads bytes into pairs of 16 bits; the rest of the last word becomes 0 */
static void spread(const int8_t *x, int32_t bytes, uint32_t *to, int32_t stride) {
  for (; bytes >= 4; bytes -= 4, x += 4, to += stride) {
    const uint32_t word = word_at(x);
    to[0] = even_bytes(word);
    to[1] = odd_bytes(word);
  }
  if (bytes > 0) {
    uint32_t word = 0;
    int32_t i;
    for (i = 0; i < bytes; i++) word |= (uint32_t)(uint8_t)x[i] << (8 * i);
    to[0] = even_bytes(word);
    to[1] = odd_bytes(word);
  }
}
#endif
`;

export const rowsPortable = `
/* every output of one patch */
static int8_t *rows(const weighted *p, const int8_t *x, int8_t *y) {
  const int8_t *w = p->weights;
  const int32_t taps = p->taps;
  int32_t o, i;
  for (o = 0; o < p->outputs; o++) {
    int32_t acc = p->bias[o];
    for (i = 0; i < taps; i++) acc += x[i] * *w++;
    *y++ = finished(p, acc, o);
  }
  return y;
}
`;

export const rowsDsp = `
/* every output of one spread patch, four rows at a time */
static int8_t *spread_rows(const weighted *p, const uint32_t *x, int8_t *y) {
  const int32_t taps = p->taps;
  const uint32_t *const end = x + (taps + 3) / 4 * 2;
  const int8_t *w0 = p->weights;
  int32_t o = 0;
  for (; o + 4 <= p->outputs; o += 4) {
    const int8_t *w1 = w0 + taps, *w2 = w1 + taps, *w3 = w2 + taps;
    const int8_t *const next = w3 + taps;
    int32_t acc0 = p->bias[o], acc1 = p->bias[o + 1];
    int32_t acc2 = p->bias[o + 2], acc3 = p->bias[o + 3];
    const uint32_t *at = x;
    do {
      uint32_t even, odd, word;
      LOAD_TWO(even, odd, at, 0);
      at += 2;
      word = word_at(w0), w0 += 4;
      acc0 = dual_product(even_bytes(word), even, acc0);
      acc0 = dual_product(odd_bytes(word), odd, acc0);
      word = word_at(w1), w1 += 4;
      acc1 = dual_product(even_bytes(word), even, acc1);
      acc1 = dual_product(odd_bytes(word), odd, acc1);
      word = word_at(w2), w2 += 4;
      acc2 = dual_product(even_bytes(word), even, acc2);
      acc2 = dual_product(odd_bytes(word), odd, acc2);
      word = word_at(w3), w3 += 4;
      acc3 = dual_product(even_bytes(word), even, acc3);
      acc3 = dual_product(odd_bytes(word), odd, acc3);
    } while (at != end);
    w0 = next;
    *y++ = finished(p, acc0, o);
    *y++ = finished(p, acc1, o + 1);
    *y++ = finished(p, acc2, o + 2);
    *y++ = finished(p, acc3, o + 3);
  }
  for (; o < p->outputs; o++) {
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
  return y;
}
`;

export const columnsDsp = `
#if NAME_DSP
/* every output of four spread patches that lie interleaved, one row at a time */
static void spread_columns(const weighted *p, const uint32_t *x, int8_t *y) {
  const int32_t taps = p->taps, outputs = p->outputs;
  const uint32_t *const end = x + (taps + 3) / 4 * 8;
  const int8_t *row = p->weights;
  int32_t o;
  for (o = 0; o < outputs; o++, row += taps, y++) {
    const int32_t bias = p->bias[o];
    const int32_t index = p->step ? o : 0;
    const int32_t multiplier = p->multipliers[index], shift = p->shifts[index];
    int32_t acc0 = bias, acc1 = bias, acc2 = bias, acc3 = bias;
    const int8_t *w = row;
    const uint32_t *at = x;
    do {
      const uint32_t word = word_at(w);
      const uint32_t even = even_bytes(word), odd = odd_bytes(word);
      uint32_t a, b;
      w += 4;
      LOAD_TWO(a, b, at, 0);
      acc0 = dual_product(even, a, acc0);
      acc0 = dual_product(odd, b, acc0);
      LOAD_TWO(a, b, at, 2);
      acc1 = dual_product(even, a, acc1);
      acc1 = dual_product(odd, b, acc1);
      LOAD_TWO(a, b, at, 4);
      acc2 = dual_product(even, a, acc2);
      acc2 = dual_product(odd, b, acc2);
      LOAD_TWO(a, b, at, 6);
      acc3 = dual_product(even, a, acc3);
      acc3 = dual_product(odd, b, acc3);
      at += 8;
    } while (at != end);
    y[0] = clamped(scaled(acc0, multiplier, shift) + p->zero_out, p->min, p->max);
    y[outputs] = clamped(scaled(acc1, multiplier, shift) + p->zero_out, p->min, p->max);
    y[2 * outputs] = clamped(scaled(acc2, multiplier, shift) + p->zero_out, p->min, p->max);
    y[3 * outputs] = clamped(scaled(acc3, multiplier, shift) + p->zero_out, p->min, p->max);
  }
}
#endif
`;

export const dense = `
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
