/** @file C: softmax in fixed point, as gemmlowp computes it. */

export const softmax = `
static int32_t high_product(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + 0x40000000) >> 31);
}

static int32_t rounding_shift(int32_t x, int32_t exponent) {
  const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1);
  return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0));
}

/* e^a, a at most 0 with 26 fraction bits; 31 fraction bits */
static int32_t exp_of_negative(int32_t a) {
  static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308,
                                     39332535,   720401,     242};
  const int32_t rest = (a & 0xffffff) - 0x1000000;
  const int32_t x = rest * 32 + ((int32_t)1 << 28);
  const int32_t x2 = high_product(x, x);
  const int32_t x3 = high_product(x2, x);
  const int32_t x4 = high_product(x2, x2);
  const int32_t cubic = high_product(rounding_shift(x4, 2) + x3, 715827883);
  int32_t result = 1895147668 + high_product(1895147668, x + rounding_shift(cubic + x2, 1));
  const int32_t whole = rest - a;
  int32_t i;
  if (a == 0) return 2147483647;
  for (i = 0; i < 7; i++)
    if (whole & (int32_t)((uint32_t)1 << (24 + i))) result = high_product(result, factors[i]);
  return result;
}

/* 1 / (1 + a), a in [0, 1) with 31 fraction bits */
static int32_t reciprocal_of_one_plus(int32_t a) {
  const int32_t half = (int32_t)(((int64_t)a + 2147483648) / 2);
  int32_t x = 1515870810 + high_product(half, -1010580540);
  int32_t i;
  for (i = 0; i < 3; i++) x += high_product(x, ((int32_t)1 << 29) - high_product(half, x)) * 4;
  return x > 1073741823 ? 2147483647 : x * 2;
}

static void softmax(const int8_t *x, int32_t count, int32_t multiplier, int32_t shift,
                    int32_t smallest, int8_t *y) {
  int32_t largest = -128, sum = 0, headroom = 0, reciprocal, i;
  for (i = 0; i < count; i++)
    if (x[i] > largest) largest = x[i];
  for (i = 0; i < count; i++)
    if (x[i] - largest >= smallest)
      sum += rounding_shift(
          exp_of_negative(
              high_product((x[i] - largest) * (int32_t)((uint32_t)1 << shift), multiplier)),
          12);
  while (((uint32_t)sum << headroom) < 0x80000000u) headroom++;
  reciprocal = reciprocal_of_one_plus((int32_t)(((uint32_t)sum << headroom) - 0x80000000u));
  for (i = 0; i < count; i++) {
    int32_t q = -128;
    if (x[i] - largest >= smallest)
      q += rounding_shift(
          high_product(
              reciprocal,
              exp_of_negative(
                  high_product((x[i] - largest) * (int32_t)((uint32_t)1 << shift), multiplier))),
          12 - headroom + 31 - 8);
    y[i] = (int8_t)(q > 127 ? 127 : q);
  }
}
`;
