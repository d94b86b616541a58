/** @file C: from accumulators to int8. */

/** Single instructions where the core has them, whatever the kernel path. */
const highHalf = `#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
  __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(acc * 2), "r"(multiplier));
#else
  high = (int32_t)(((int64_t)acc * multiplier + 0x40000000) >> 31);
#endif`;

/** Rounds twice: the high half of the doubled product, then the shift. */
export const scaledAny: string = `
/* acc * multiplier / 2^31, rounded, then / 2^shift, halves away from zero; left if below 0 */
static inline int32_t scaled(int32_t acc, int32_t multiplier, int32_t shift) {
  int32_t high;
  if (shift < 0) acc *= (int32_t)1 << -shift;
${highHalf}
  return shift > 0 ? (high + ((int32_t)1 << (shift - 1)) + (high >> 31)) >> shift : high;
}
`;

export const clamped = `
static inline int8_t clamped(int32_t y, int32_t min, int32_t max) {
  return (int8_t)(y < min ? min : y > max ? max : y);
}
`;

/** What all layers of a network have in common, so that kernels may count on it. */
export interface KernelTraits {
  /** every weighted layer's multipliers are below 1/2, so that every shift is at least 1 */
  readonly smallMultipliers: boolean;
  /** no weighted layer is clamped to less than int8 */
  readonly fullRange: boolean;
  /** every weighted layer has one multiplier for all its outputs */
  readonly sharedMultipliers: boolean;
  /** of dense layers and convolutions: all are multiples of four, so that no rest is left */
  readonly byFour: {
    readonly taps: boolean;
    readonly outputs: boolean;
    /** height times width of convolutions' images */
    readonly places: boolean;
    /** inputs of a row of a convolution's window */
    readonly runs: boolean;
  };
  /** a size, stride, padding or dilation of some window needs more than 8 bits */
  readonly wideWindows: boolean;
}

export function weightedType({ sharedMultipliers }: KernelTraits): string {
  const multipliers = sharedMultipliers
    ? ["int32_t multiplier;"]
    : [
        "const int32_t *multipliers; /* one per output, or one for all */",
        "const int8_t *shifts;       /* right shifts, less 1 */",
      ];
  const last = sharedMultipliers
    ? "int8_t shift;     /* a right shift, less 1 */"
    : "int8_t each;      /* -1: a multiplier per output, 0: one for all */";
  return `
typedef struct {
  const int8_t *weights;      /* one row of taps per output */
  const int32_t *bias;        /* holds the input's zero point times the row's sum */
  ${multipliers.join("\n  ")}
  int32_t taps, outputs;
  int16_t rounding; /* 1 + 2 * the output's zero point */
  ${last}
  int8_t zero_in, min, max;
} weighted;

#define MULTIPLIER_OF(p, output) ${sharedMultipliers ? "((p)->multiplier)" : "((p)->multipliers[(output) & (p)->each])"}
#define SHIFT_OF(p, output) ${sharedMultipliers ? "((p)->shift)" : "((p)->shifts[(output) & (p)->each])"}
`;
}

/**
 * With t = high + (high >> 31): ((t >> (shift − 1)) + 1 + 2 · zero) >> 1 is t / 2^shift, halves
 * away from zero, plus zero.
 */
export function narrowed({ smallMultipliers, fullRange, sharedMultipliers }: KernelTraits): string {
  const limits = fullRange ? ["-128", "127"] : ["p->min", "p->max"];
  const last = `clamped(y, ${limits.join(", ")})`;
  const saturating = `#if defined(__ARM_FEATURE_SAT) && defined(__GNUC__)
  __asm__("ssat %0, #8, %1, asr #1" : "=r"(y) : "r"(y));
  return (int8_t)y;
#else
  y >>= 1;
  return ${last};
#endif`;
  const small = `  int32_t high, y;
${highHalf}
  y = ((high + (high >> 31)) >> shift) + p->rounding;
${fullRange ? saturating : `  y >>= 1;\n  return ${last};`}`;
  const any = `  const int32_t y = scaled(acc, multiplier, shift + 1) + (p->rounding >> 1);
  return ${last};`;
  return `
static inline int8_t narrowed(const weighted *p, int32_t acc, int32_t multiplier, int32_t shift) {
${smallMultipliers ? small : any}
}

static inline int8_t finished(const weighted *p, int32_t acc, int32_t output) {
${sharedMultipliers ? "  (void)output;\n" : ""}  return narrowed(p, acc, MULTIPLIER_OF(p, output), SHIFT_OF(p, output));
}
`;
}
