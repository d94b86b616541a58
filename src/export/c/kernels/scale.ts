/** @file C: from accumulators to int8. */

const highHalf = `  int32_t high;
#if NAME_DSP
  __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(acc * 2), "r"(multiplier));
#else
  high = (int32_t)(((int64_t)acc * multiplier + 0x40000000) >> 31);
#endif`;

const rounded = "(high + (1 << (shift - 1)) + (high >> 31)) >> shift";

/**
 * @param isSmall every multiplier is below 1/2, so that every shift is at least 1
 * @returns a function of (acc, multiplier, shift)
 */
export function scaling(name: "scaled" | "scaled_any", isSmall: boolean): string {
  const about = isSmall ? "shift is at least 1" : "a shift below 0 goes left, before";
  return `
/* acc * multiplier / 2^31, rounded, then / 2^shift, halves away from zero; ${about} */
static inline int32_t ${name}(int32_t acc, int32_t multiplier, int32_t shift) {
${isSmall ? highHalf : highHalf.replace("high;\n", "high;\n  if (shift < 0) acc *= (int32_t)(1 << -shift);\n")}
  return ${isSmall ? rounded : `shift > 0 ? ${rounded} : high`};
}
`;
}

export const clamped = `
static inline int8_t clamped(int32_t y, int32_t min, int32_t max) {
  return (int8_t)(y < min ? min : y > max ? max : y);
}
`;

export const weightedType = `
typedef struct {
  const int8_t *weights;      /* one row of taps per output */
  const int32_t *bias;        /* holds the input's zero point times the row's sum */
  const int32_t *multipliers; /* one per output, or one for all */
  const int8_t *shifts;
  int32_t taps, outputs;
  int8_t step; /* 1: a multiplier per output */
  int8_t zero_in, zero_out, min, max;
} weighted;

static inline int8_t finished(const weighted *p, int32_t acc, int32_t output) {
  const int32_t at = p->step ? output : 0;
  return clamped(scaled(acc, p->multipliers[at], p->shifts[at]) + p->zero_out, p->min, p->max);
}
`;
