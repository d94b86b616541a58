/* The smallest firmware around an exported network: start-up, and a loop that runs it. Linked to
 * measure an image. Compile with -DNETWORK_H="x.h" -DNETWORK(part)=x_##part
 * -DLARGE(part)=X_##part and X_CALLER_ARENA defined. */
#include <stdint.h>

#include NETWORK_H

extern uint32_t data_start, data_end, data_from, bss_start, bss_end, stack_top;

void reset(void);

#ifdef __riscv
/* the first instructions of the image */
__attribute__((naked, section(".vectors"), used)) void start(void) {
  __asm__ volatile("la sp, stack_top\n j reset");
}
#else
/* the sixteen vectors of every Cortex-M; a chip's own interrupts come behind them */
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &stack_top, (const void *)reset, (const void *)reset, (const void *)reset};
#endif

static uint32_t arena[(LARGE(ARENA_BYTES) + 3) / 4];
static volatile int32_t first;

void reset(void) {
  uint32_t *to = &data_start;
  const uint32_t *from = &data_from;
  while (to < &data_end) *to++ = *from++;
  for (to = &bss_start; to < &bss_end; to++) *to = 0;
  for (;;) {
    LARGE(INPUT)(arena)[0] = (int8_t)first;
    NETWORK(run)(arena);
    first = LARGE(OUTPUT)(arena)[0];
  }
}
