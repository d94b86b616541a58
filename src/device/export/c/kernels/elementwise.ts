/** @file C: layers that go element by element, and copies between orders. */

export const add = `
typedef struct {
  int32_t count;
  int32_t multiplier0, multiplier1, multiplier;
  int8_t shift0, shift1, shift;
  int8_t zero0, zero1, zero_out, min, max;
} add_layer;

static void add(const add_layer *p, const int8_t *x0, const int8_t *x1, int8_t *y) {
  int32_t i;
  for (i = 0; i < p->count; i++) {
    const int32_t a = scaled((x0[i] - p->zero0) * 1048576, p->multiplier0, p->shift0);
    const int32_t b = scaled((x1[i] - p->zero1) * 1048576, p->multiplier1, p->shift1);
    y[i] = clamped(scaled(a + b, p->multiplier, p->shift) + p->zero_out, p->min, p->max);
  }
}
`;

export const requantize = `
typedef struct {
  int32_t count, multiplier;
  int8_t shift, zero_in, zero_out, min, max;
} requantize_layer;

static void requantize(const requantize_layer *p, const int8_t *x, int8_t *y) {
  int32_t i;
  for (i = 0; i < p->count; i++)
    y[i] = clamped(scaled(x[i] - p->zero_in, p->multiplier, p->shift) + p->zero_out, p->min,
                   p->max);
}
`;

export const lookup = `
static void lookup(const int8_t *table, int32_t count, const int8_t *x, int8_t *y) {
  int32_t i;
  for (i = 0; i < count; i++) y[i] = table[x[i] + 128];
}
`;

export const concat = `
/* one operand's channels into their place in every pixel */
static void concat(const int8_t *x, int32_t channels, int32_t pixels, int8_t *y, int32_t stride) {
  for (; pixels > 0; pixels--, x += channels, y += stride) memcpy(y, x, (size_t)channels);
}
`;

export const transpose = `
static void transpose(const int8_t *x, int32_t rows, int32_t columns, int8_t *y) {
  int32_t i, j;
  for (j = 0; j < columns; j++)
    for (i = 0; i < rows; i++) *y++ = x[i * columns + j];
}
`;

export const argMax = `
/* the first largest element's index */
static void arg_max(const int8_t *x, int32_t count, int8_t *y) {
  int32_t best = 0, i;
  for (i = 1; i < count; i++)
    if (x[i] > x[best]) best = i;
  memcpy(y, &best, sizeof best);
}
`;
