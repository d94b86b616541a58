/** @file C: a log-mel front end in integers, hop by hop. */

/** NAME and PREFIX stand for the network's name; the tables come before this text. */
export const frontEndSource = `
/* a * b; where the compiler would call a function with branches, in four parts without */
static inline int64_t product(int32_t a, int32_t b) {
#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB < 2
  const int32_t a_low = a & 0xffff, b_low = b & 0xffff, a_high = a >> 16, b_high = b >> 16;
  const int64_t middle = (int64_t)(a_high * b_low) + a_low * b_high;
  const uint64_t outer = (uint64_t)(uint32_t)(a_high * b_high) << 32 |
                         (uint32_t)a_low * (uint32_t)b_low;
  return (int64_t)(outer + ((uint64_t)middle << 16));
#else
  return (int64_t)a * b;
#endif
}

/* x * slope / 2^16, rounded down; x below 2^48 */
static inline uint64_t share_of(uint64_t x, uint32_t slope) {
#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB < 2
  const uint32_t low = (uint32_t)x;
  return ((uint64_t)((uint32_t)(x >> 32) * slope) << 16) + (low >> 16) * slope +
         ((low & 0xffff) * slope >> 16);
#else
  return x * slope >> 16;
#endif
}

/* (a * b + c * d) / 2^30, halves up */
static inline int32_t turned(int32_t a, int32_t b, int32_t c, int32_t d) {
  return (int32_t)((product(a, b) + product(c, d) + 0x20000000) >> 30);
}

/* 2 * pi * k / FFT_SIZE, k to half of FFT_SIZE */
static inline int32_t cosine(int32_t k) {
  return k <= FFT_SIZE / 4 ? cosines[k] : -cosines[FFT_SIZE / 2 - k];
}

static inline int32_t sine(int32_t k) {
  return k <= FFT_SIZE / 4 ? cosines[FFT_SIZE / 4 - k] : cosines[k - FFT_SIZE / 4];
}

/* a frame in a ring, times the window, two samples a pair, in the order of reversed bits */
static void windowed(const int16_t *ring, int32_t first, int32_t *z) {
  int32_t t, place = 0;
  for (t = 0; t < FFT_SIZE; t++) z[t] = 0;
  for (t = 0; t < PREFIX_FRAME_LENGTH; t++) {
    const int64_t scaled = product(ring[first], WINDOW(t));
    z[2 * place + (t & 1)] = (int32_t)((scaled + WINDOW_HALF) >> WINDOW_SHIFT);
    if (++first == PREFIX_FRAME_LENGTH) first = 0;
    if (t & 1) {
      int32_t bit = FFT_SIZE / 4;
      for (; place & bit; bit >>= 1) place ^= bit;
      place |= bit;
    }
  }
}

/* the transform of all pairs, in place */
static void transform(int32_t *z) {
  int32_t size, k, at;
  for (size = 1; size < FFT_SIZE / 2; size *= 2)
    for (k = 0; k < size; k++) {
      const int32_t angle = k * (FFT_SIZE / 2 / size), c = cosine(angle), s = sine(angle);
      for (at = k; at < FFT_SIZE / 2; at += 2 * size) {
        int32_t *const a = z + 2 * at, *const b = a + 2 * size;
        const int32_t re = turned(b[0], c, b[1], s), im = turned(b[1], c, b[0], -s);
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
    }
}

/* of frequency k, below half of FFT_SIZE, of the samples themselves */
static uint64_t power(const int32_t *z, int32_t k) {
  const int32_t *const a = z + 2 * k, *const b = z + (FFT_SIZE - 2 * k) % FFT_SIZE;
  const int32_t c = cosine(k), s = sine(k);
  const int32_t gap_re = a[0] - b[0], gap_im = a[1] + b[1];
  const int32_t re = a[0] + b[0] + turned(gap_im, c, gap_re, -s);
  const int32_t im = a[1] - b[1] - turned(gap_re, c, gap_im, s);
  return (uint64_t)(product(re, re) + product(im, im)) >> POWER_SHIFT;
}

/* all bits if the upper \`count\` ones of x are 0, else none; no branch */
static inline uint32_t are_clear(uint32_t x, int32_t count) {
  const uint32_t upper = x >> (32 - count);
  return ~(uint32_t)((int32_t)(upper | (0 - upper)) >> 31);
}

/* log2 with 16 fraction bits, linear between a table's entries; no branch depends on x */
static int32_t logarithm(uint64_t x) {
  uint32_t mantissa = (uint32_t)(x >> 32), below = (uint32_t)x, interval, rest;
  uint32_t clear = ~(uint32_t)((int32_t)(mantissa | (0 - mantissa)) >> 31);
  int32_t exponent = 63 - (int32_t)(32 & clear), step;
  mantissa |= below & clear;
  below &= ~clear;
  for (step = 16; step > 0; step >>= 1) {
    const uint32_t shift = (uint32_t)step & are_clear(mantissa, step);
    mantissa = mantissa << shift | below >> 1 >> (31 - shift);
    below <<= shift;
    exponent -= (int32_t)shift;
  }
  interval = mantissa >> 26 & 31;
  rest = mantissa >> 10 & 0xffff;
  return (exponent << 16) + logarithms[interval] +
         (((logarithms[interval + 1] - logarithms[interval]) * (int32_t)rest + 0x8000) >> 16);
}

static int8_t feature(uint64_t energy, int32_t m) {
  const int32_t above = logarithm(energy + FLOOR(m)) - origins[m];
  const int64_t q = (product(above, multipliers[m]) + ((int64_t)1 << (SHIFT - 1))) >> SHIFT;
  /* between -128 and 127, without a branch: what is negative becomes 0 */
  const int64_t from_least = (q + 128) & ~((q + 128) >> 63);
  const int64_t from_most = (from_least - 255) & ((from_least - 255) >> 63);
  return (int8_t)(from_most + 127);
}

static void log_mel(const int16_t *ring, int32_t first, int8_t *features, uint32_t *work) {
  int32_t *const z = (int32_t *)work;
  const uint16_t *slope = slopes;
  uint64_t rising = 0;
  int32_t band, k;
  windowed(ring, first, z);
  transform(z);
  for (band = 0; band <= PREFIX_MELS; band++) {
    const uint64_t before = rising;
    uint64_t falling = 0;
    rising = 0;
    for (k = edges[band]; k < edges[band + 1]; k++) {
      const uint64_t whole = power(z, k), share = share_of(whole, *slope++);
      rising += share;
      falling += whole - share;
    }
    if (band > 0) features[band - 1] = feature(before + falling, band - 1);
  }
}

void NAME_log_mel(const int16_t *samples, int8_t *features, uint32_t *work) {
  log_mel(samples, 0, features, work);
}

void NAME_front_end_reset(NAME_front_end *state) {
  state->next_sample = 0;
  state->missing = PREFIX_FRAME_LENGTH;
  state->next_frame = -1;
  state->ahead = PREFIX_FRAMES_AFTER;
}

/* the newest frame has been written; 1 if the network's input is whole */
static int32_t advanced(NAME_front_end *state) {
  if (++state->next_frame == PREFIX_FRAMES) state->next_frame = 0;
  if (state->ahead > 0) state->ahead--;
  return state->ahead == 0;
}

static int32_t next_frame(NAME_front_end *state, uint32_t *work) {
  const int32_t is_first = state->next_frame < 0;
  int32_t row;
  if (is_first) state->next_frame = 0;
  log_mel(state->samples, state->next_sample, state->frames + state->next_frame * PREFIX_MELS,
          work);
  if (!is_first) return advanced(state);
  for (row = 1; row < PREFIX_FRAMES; row++)
    memcpy(state->frames + row * PREFIX_MELS, state->frames, PREFIX_MELS);
  return state->ahead == 0;
}

int32_t NAME_hear(NAME_front_end *state, const int16_t *samples, int32_t count, uint32_t *work) {
  int32_t is_whole = 0;
  for (; count > 0; count--) {
    state->samples[state->next_sample] = *samples++;
    if (++state->next_sample == PREFIX_FRAME_LENGTH) state->next_sample = 0;
    if (--state->missing > 0) continue;
    state->missing = PREFIX_HOP;
    is_whole = next_frame(state, work);
  }
  return is_whole;
}

int32_t NAME_hear_end(NAME_front_end *state) {
  const int32_t newest = (state->next_frame + PREFIX_FRAMES - 1) % PREFIX_FRAMES;
  if (state->next_frame < 0) return 0;
  if (PREFIX_FRAMES > 1)
    memcpy(state->frames + state->next_frame * PREFIX_MELS, state->frames + newest * PREFIX_MELS,
           PREFIX_MELS);
  return advanced(state);
}

void NAME_heard(const NAME_front_end *state, int8_t *input) {
  const int32_t older = PREFIX_FRAMES - state->next_frame;
  memcpy(input, state->frames + state->next_frame * PREFIX_MELS, (size_t)(older * PREFIX_MELS));
  memcpy(input + older * PREFIX_MELS, state->frames, (size_t)(state->next_frame * PREFIX_MELS));
}
`;
