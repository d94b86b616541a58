/** @file C: convolutions over [height, width, channels], by patches; depthwise ones directly. */

import type { KernelTraits } from "./scale.ts";

export const windowType = ({ wideWindows }: KernelTraits): string => `
typedef struct {
  int16_t in_height, in_width, channels;
  int16_t out_height, out_width;
  ${wideWindows ? "int16_t" : "int8_t"} height, width, down, right, top, left, dilate_down, dilate_right;
} window;
`;

/** Where a row of a window lies in the image, its inputs lie together. */
const wholeRow = `    if (row >= 0 && row < g->in_height && first >= 0 && first + g->width <= g->in_width &&
        g->dilate_right == 1) {
      memcpy(to, x + (row * g->in_width + first) * channels, (size_t)(g->width * channels));
      to += g->width * channels;
      continue;
    }
`;

export const patch = ({ byFour }: KernelTraits): string => `
/* the inputs under one window, one after another; outside the image lies the zero point */
static void gather(const window *g, int32_t zero, const int8_t *x, int32_t i, int32_t j,
                   int8_t *to) {
  const int32_t channels = g->channels;
  int32_t a, b, c;
  for (a = 0; a < g->height; a++) {
    const int32_t row = i * g->down + a * g->dilate_down - g->top;
    const int32_t first = j * g->right - g->left;
${byFour.runs ? "" : wholeRow}    for (b = 0; b < g->width; b++, to += channels) {
      const int32_t column = first + b * g->dilate_right;
      if (row < 0 || row >= g->in_height || column < 0 || column >= g->in_width)
        for (c = 0; c < channels; c++) to[c] = (int8_t)zero;
      else
        memcpy(to, x + (row * g->in_width + column) * channels, (size_t)channels);
    }
  }
}
`;

export const conv2dType = `
typedef struct {
  weighted w;
  window g;
} conv2d_layer;
`;

const onePatch = `    gather(&p->g, p->w.zero_in, x, i, j, (int8_t *)scratch);
    y = rows(&p->w, (const int8_t *)scratch, y);
`;

const nextPlace = "    if (++j == p->g.out_width) j = 0, i++;\n";

/** One patch at a time: all of them, or what four at a time leave over. */
const onePatchEach = (patch: string): string => `  for (; place < places; place++) {
${patch}${nextPlace}  }
`;

const restOfConv2d = `#endif
${onePatchEach(`#if NAME_DSP
    spread_patch(p, x, i, j, bytes, scratch, 2);
    y = spread_rows(&p->w, scratch, y);
#else
${onePatch}#endif
`)}`;

export const conv2d = ({ byFour }: KernelTraits): string => `
static void conv2d(const conv2d_layer *p, const int8_t *x, int8_t *y, uint32_t *scratch) {
  const int32_t places = (int32_t)p->g.out_height * p->g.out_width;
  int32_t place = 0, i = 0, j = 0;
#if NAME_DSP
  const int32_t words = (p->w.taps + 3) / 4;
  int8_t *const bytes = (int8_t *)(scratch + 8 * words);
  int32_t four;
  for (; place + 4 <= places; place += 4, y += 4 * p->w.outputs) {
    for (four = 0; four < 4; four++) {
      spread_patch(p, x, i, j, bytes, scratch + 2 * four, 8);
      if (++j == p->g.out_width) j = 0, i++;
    }
    spread_columns(&p->w, scratch, y);
  }
${byFour.places ? `#else\n${onePatchEach(onePatch)}#endif\n` : restOfConv2d}}
`;

export const spreadPatch = `
#if NAME_DSP
static void spread_patch(const conv2d_layer *p, const int8_t *x, int32_t i, int32_t j,
                         int8_t *bytes, uint32_t *to, int32_t stride) {
  const window *const g = &p->g;
  const int32_t row = i * g->down - g->top, column = j * g->right - g->left;
  const int32_t channels = g->channels, run = g->width * channels;
  int32_t a;
  if (row < 0 || column < 0 || row + g->height > g->in_height ||
      column + g->width > g->in_width || run % 4 != 0 || g->dilate_down != 1 ||
      g->dilate_right != 1) {
    gather(g, p->w.zero_in, x, i, j, bytes);
    spread(bytes, p->w.taps, to, stride);
    return;
  }
  x += (row * g->in_width + column) * channels;
  for (a = 0; a < g->height; a++, x += g->in_width * channels, to += run / 4 * stride)
    spread(x, run, to, stride);
}
#endif
`;

export const pools = (kind: "average" | "max"): string => `
static void ${kind}_pool(const window *g, const int8_t *x, int8_t *y) {
  const int32_t channels = g->channels;
  int32_t i, j, a, b, c;
  for (i = 0; i < g->out_height; i++) {
    for (j = 0; j < g->out_width; j++) {
      const int32_t row = i * g->down - g->top, column = j * g->right - g->left;
      const int32_t a0 = row < 0 ? 0 : row, b0 = column < 0 ? 0 : column;
      const int32_t a1 = row + g->height < g->in_height ? row + g->height : g->in_height;
      const int32_t b1 = column + g->width < g->in_width ? column + g->width : g->in_width;
      for (c = 0; c < channels; c++) {
${kind === "max" ? maxBody : meanBody}
      }
    }
  }
}
`;

const maxBody = `        int8_t largest = -128;
        for (a = a0; a < a1; a++)
          for (b = b0; b < b1; b++) {
            const int8_t value = x[(a * g->in_width + b) * channels + c];
            if (value > largest) largest = value;
          }
        *y++ = largest;`;

const meanBody = `        const int32_t n = (a1 - a0) * (b1 - b0);
        int32_t sum = 0;
        for (a = a0; a < a1; a++)
          for (b = b0; b < b1; b++) sum += x[(a * g->in_width + b) * channels + c];
        *y++ = (int8_t)((sum > 0 ? sum + n / 2 : sum - n / 2) / n);`;
