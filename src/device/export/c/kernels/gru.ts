/** @file C: gated recurrent units, step by step. */

import { sigmoidTable } from "../../../quantize/index.ts";
import { constantArray } from "../c-text.ts";

export const sigmoids: string = `
/* 1 / (1 + exp(-i / 32)), 15 fraction bits */
${constantArray("uint16_t", "sigmoids", sigmoidTable)}`;

export const gates = `
typedef struct {
  const int8_t *weights; /* rows of update, reset and candidate */
  const int32_t *bias;   /* holds the input's zero point times the row's sum */
  const int32_t *multipliers;
  const int8_t *shifts;
  int32_t taps;
} gates;

typedef struct {
  gates from_input, from_state;
  int32_t units;
} gru_layer;

#if NAME_DSP
typedef uint32_t gate_input; /* pairs of 16 bits, spread */
#else
typedef int8_t gate_input;
#endif

static inline int32_t within16(int32_t x) { return x < -32767 ? -32767 : x > 32767 ? 32767 : x; }

/* one row's product, with 12 fraction bits */
static int32_t gate_sum(const gates *p, int32_t row, const gate_input *x) {
  const int8_t *w = p->weights + row * p->taps;
  int32_t acc = p->bias[row], i;
#if NAME_DSP
  for (i = 0; i < p->taps; i += 4, x += 2) {
    const uint32_t word = word_at(w + i);
    acc = dual_product(even_bytes(word), x[0], acc);
    acc = dual_product(odd_bytes(word), x[1], acc);
  }
#else
  for (i = 0; i < p->taps; i++) acc += x[i] * w[i];
#endif
  return within16(scaled(acc, p->multipliers[row], p->shifts[row]));
}

/* from 12 fraction bits to 15, linear between the table's entries */
static int32_t sigmoid16(int32_t x) {
  const int32_t size = x < 0 ? -x : x, at = size >> 7;
  const int32_t low = sigmoids[at], high = sigmoids[at + 1];
  const int32_t y = low + (((high - low) * (size & 127) + 64) >> 7);
  return x < 0 ? 32768 - y : y;
}

static int32_t tanh16(int32_t x) {
  const int32_t size = x < 0 ? -x : x;
  const int32_t y = 2 * sigmoid16(size > 16383 ? 32767 : 2 * size) - 32768;
  return x < 0 ? -y : y;
}

static inline int32_t product15(int32_t a, int32_t b) { return (a * b + 0x4000) >> 15; }
`;

const update = `    const int32_t update = sigmoid16(within16(gate_sum(&p->from_input, u, input) +
                                              gate_sum(&p->from_state, u, recurrent)));
`;

const reset = `    const int32_t reset = sigmoid16(within16(gate_sum(&p->from_input, units + u, input) +
                                             gate_sum(&p->from_state, units + u, recurrent)));
`;

const nextState = `    const int32_t h = candidate + product15(update, state[u] - candidate);
    const int32_t upper = (h + 128) >> 8;
    state[u] = (int16_t)h;
    next[u] = (int8_t)(upper > 127 ? 127 : upper);
`;

const step = `
/* reads the upper bytes of the last state, writes those of the next; keeps 16 bits in state */
static void step_of_gru(const gru_layer *p, const int8_t *x, const int8_t *held, int16_t *state,
                        int8_t *next, uint32_t *scratch) {
  const int32_t units = p->units;
  int32_t u;
#if NAME_DSP
  uint32_t *const held_pairs = scratch + (p->from_input.taps + 3) / 4 * 2;
  const gate_input *const input = scratch, *const recurrent = held_pairs;
  spread(x, p->from_input.taps, scratch, 2);
  spread(held, units, held_pairs, 2);
#else
  const gate_input *const input = x, *const recurrent = held;
  (void)scratch;
#endif
  for (u = 0; u < units; u++) {
${update}${reset}    const int32_t candidate =
        tanh16(within16(gate_sum(&p->from_input, 2 * units + u, input) +
                        product15(reset, gate_sum(&p->from_state, 2 * units + u, recurrent))));
${nextState}  }
}
`;

const stateResetStep = `
/* as step_of_gru, but the reset gate comes before the product: it needs all resets first */
static void step_of_reset_gru(const gru_layer *p, const int8_t *x, const int8_t *held,
                              int16_t *state, int8_t *next, uint32_t *scratch) {
  const int32_t units = p->units;
  int32_t u;
#if NAME_DSP
  uint32_t *const held_pairs = scratch + (p->from_input.taps + 3) / 4 * 2;
  uint32_t *const kept_pairs = held_pairs + (units + 3) / 4 * 2;
  int8_t *const kept = (int8_t *)(kept_pairs + (units + 3) / 4 * 2);
  const gate_input *const input = scratch, *const recurrent = held_pairs;
  const gate_input *const kept_input = kept_pairs;
  spread(x, p->from_input.taps, scratch, 2);
  spread(held, units, held_pairs, 2);
#else
  int8_t *const kept = (int8_t *)scratch;
  const gate_input *const input = x, *const recurrent = held, *const kept_input = kept;
#endif
  for (u = 0; u < units; u++) {
${reset}    const int32_t upper = (product15(reset, state[u]) + 128) >> 8;
    kept[u] = (int8_t)(upper > 127 ? 127 : upper);
  }
#if NAME_DSP
  spread(kept, units, kept_pairs, 2);
#endif
  for (u = 0; u < units; u++) {
${update}    const int32_t candidate =
        tanh16(within16(gate_sum(&p->from_input, 2 * units + u, input) +
                        gate_sum(&p->from_state, 2 * units + u, kept_input)));
${nextState}  }
}
`;

const overSteps = (name: string): string => `
/* all steps, from a state of zeros; a step's result is what the next one reads */
static void ${name}(const gru_layer *p, int32_t steps, const int8_t *x, int8_t *y, uint32_t *scratch) {
  int16_t *const state = (int16_t *)(void *)scratch;
  int8_t *const zeros = (int8_t *)(state + p->units);
  const int8_t *held = zeros;
  int32_t u;
  for (u = 0; u < p->units; u++) state[u] = 0, zeros[u] = 0;
  for (; steps > 0; steps--, x += p->from_input.taps, y += p->units) {
    step_of_${name}(p, x, held, state, y, scratch + (3 * p->units + 3) / 4);
    held = y;
  }
}
`;

const heldStep = (name: string): string => `
/* one step of a state that is kept: 16 bits a unit, then their upper bytes */
static void ${name}_held(const gru_layer *p, const int8_t *x, uint32_t *state, int8_t *y,
                     ${" ".repeat(name.length - 3)}uint32_t *scratch) {
  int16_t *const whole = (int16_t *)(void *)state;
  int8_t *const held = (int8_t *)(whole + p->units);
  step_of_${name}(p, x, held, whole, y, scratch);
  memcpy(held, y, (size_t)p->units);
}
`;

export const gru: string = step + overSteps("gru");
export const gruHeld: string = heldStep("gru");
export const resetGru: string = stateResetStep + overSteps("reset_gru");
export const resetGruHeld: string = heldStep("reset_gru");

export const slice = `
static void slice(const int8_t *x, int32_t count, int8_t *y) { memcpy(y, x, (size_t)count); }
`;
