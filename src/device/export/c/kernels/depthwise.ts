/** @file C: depthwise convolutions over [height, width, channels]. */

/** Most taps that the SMLAD path spreads at once, on the stack. */
const mostTaps = 25;

export const depthwiseType = `
typedef struct {
  weighted w; /* weights [height, width, outputs] */
  window g;
  int16_t per_input; /* outputs of each input channel */
} depthwise_layer;

/* the taps of one axis that lie inside the image */
typedef struct {
  int32_t from, to;
} tap_range;

static inline tap_range inside(int32_t start, int32_t taps, int32_t step, int32_t size) {
  tap_range range = {0, taps};
  while (start + range.from * step < 0) range.from++;
  while (start + (range.to - 1) * step >= size) range.to--;
  return range;
}
`;

const lines = (texts: readonly string[]): string =>
  texts.map((text) => `"${text}\\n\\t"`).join("\n");

/** SMLABB and SMLATT multiply the lower and the upper halves of two words. */
const tap = (address: string): string =>
  lines([
    `ldr %5, ${address}`,
    "ldr %7, [%4], #4",
    "sxtab16 %6, %10, %5",
    "sxtab16 %5, %10, %5, ror #8",
    "smlabb %0, %6, %7, %0",
    "smlatt %2, %6, %7, %2",
    "ldr %7, [%4], #4",
    "smlabb %1, %5, %7, %1",
    "smlatt %3, %5, %7, %3",
  ]);

/** Three taps in a row, the addresses by the register's shift. */
const threeTaps = [tap("[%8]"), tap("[%8, %9]"), tap("[%8, %9, lsl #1]")].join("\n");

export const depthwiseDsp: string = `
#if NAME_DSP
#define MOST_TAPS ${mostTaps}

/* one row of outputs, four channels at a time; returns the first channel that is left */
static int32_t depthwise_row(const depthwise_layer *p, const int8_t *x, int32_t row, int8_t *y) {
  const window *const g = &p->g;
  const int32_t channels = g->channels, taps = (int32_t)g->height * g->width;
  const int32_t line = (int32_t)g->dilate_down * g->in_width * channels;
  const int32_t step = g->dilate_right * channels;
  const uint32_t zeros = (uint32_t)(-p->w.zero_in & 0xffff) * 0x10001u;
  const tap_range rows = inside(row, g->height, g->dilate_down, g->in_height);
  const int32_t is_three = g->width == 3 && g->height == 3 && rows.to - rows.from == 3;
  uint32_t spread_weights[2 * MOST_TAPS];
  int32_t c, t, j, a;
  for (c = 0; c + 4 <= channels; c += 4) {
    const int8_t *source = p->w.weights + c;
    int8_t *to = y + c;
    for (t = 0; t < taps; t++, source += channels) {
      const uint32_t word = word_at(source);
      spread_weights[2 * t] = even_bytes(word);
      spread_weights[2 * t + 1] = odd_bytes(word);
    }
    for (j = 0; j < g->out_width; j++, to += channels) {
      const int32_t column = j * g->right - g->left;
      const int8_t *at = x + row * g->in_width * channels + column * channels + c;
      const uint32_t *weight = spread_weights;
      const int32_t *const bias = p->w.bias + c;
      int32_t acc0 = bias[0], acc1 = bias[1], acc2 = bias[2], acc3 = bias[3];
      uint32_t word, even, pair;
      if (is_three && column >= 0 && column + 2 * g->dilate_right < g->in_width) {
        for (a = 0; a < 3; a++, at += line)
          __asm__(${threeTaps}
                  : "+r"(acc0), "+r"(acc1), "+r"(acc2), "+r"(acc3), "+r"(weight),
                    "=&r"(word), "=&r"(even), "=&r"(pair)
                  : "r"(at), "r"(step), "r"(zeros)
                  : "memory");
      } else {
        const tap_range columns = inside(column, g->width, g->dilate_right, g->in_width);
        for (a = rows.from; a < rows.to; a++)
          for (t = columns.from; t < columns.to; t++) {
            weight = spread_weights + 2 * (a * g->width + t);
            word = word_at(at + a * line + t * step);
            __asm__("sxtab16 %0, %1, %2" : "=r"(even) : "r"(zeros), "r"(word));
            __asm__("smlabb %0, %1, %2, %0" : "+r"(acc0) : "r"(even), "r"(weight[0]));
            __asm__("smlatt %0, %1, %2, %0" : "+r"(acc2) : "r"(even), "r"(weight[0]));
            __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(even) : "r"(zeros), "r"(word));
            __asm__("smlabb %0, %1, %2, %0" : "+r"(acc1) : "r"(even), "r"(weight[1]));
            __asm__("smlatt %0, %1, %2, %0" : "+r"(acc3) : "r"(even), "r"(weight[1]));
          }
      }
      to[0] = finished(&p->w, acc0, c);
      to[1] = finished(&p->w, acc1, c + 1);
      to[2] = finished(&p->w, acc2, c + 2);
      to[3] = finished(&p->w, acc3, c + 3);
    }
  }
  return c;
}
#endif
`;

export const depthwise = `
static void depthwise_conv2d(const depthwise_layer *p, const int8_t *x, int8_t *y) {
  const window *const g = &p->g;
  const int32_t channels = g->channels, outputs = p->w.outputs, per_input = p->per_input;
  const int32_t line = (int32_t)g->dilate_down * g->in_width * channels;
  const int32_t step = g->dilate_right * channels;
  const int32_t zero = p->w.zero_in, width = g->width;
  int32_t i, j, a, b, c;
  for (i = 0; i < g->out_height; i++) {
    const int32_t row = i * g->down - g->top;
    const tap_range rows = inside(row, g->height, g->dilate_down, g->in_height);
    int32_t first = 0;
#if NAME_DSP
    if (per_input == 1 && (int32_t)g->height * g->width <= MOST_TAPS)
      first = depthwise_row(p, x, row, y);
#endif
    for (j = 0; j < g->out_width; j++, y += outputs) {
      const int32_t column = j * g->right - g->left;
      const tap_range columns = inside(column, g->width, g->dilate_right, g->in_width);
      const int8_t *const corner =
          x + (row * g->in_width + column + columns.from * g->dilate_right) * channels;
      for (c = first; c < outputs; c++) {
        const int32_t source = per_input == 1 ? c : c / per_input;
        int32_t acc = p->w.bias[c];
        for (a = rows.from; a < rows.to; a++) {
          const int8_t *at = corner + a * line + source;
          const int8_t *w = p->w.weights + (a * width + columns.from) * outputs + c;
          for (b = columns.from; b < columns.to; b++, at += step, w += outputs)
            acc += (*at - zero) * *w;
        }
        y[c] = finished(&p->w, acc, c);
      }
    }
  }
}
`;
