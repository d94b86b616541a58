/* Start-up of an emulated Cortex-M or RV32, and a harness that runs samples from in.bin through a network
 * by semihosting. Compile with -DNETWORK_H="x.h" -DNETWORK(part)=x_##part -DLARGE(part)=X_##part. */
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
__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
    &stack_top, (const void *)reset, (const void *)reset, (const void *)reset};
#endif

static int32_t host(int32_t operation, const void *argument) {
#ifdef __riscv
  register int32_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  __asm__ volatile(
      ".option push\n .option norvc\n .balign 16\n"
      "slli zero, zero, 0x1f\n ebreak\n srai zero, zero, 7\n .option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
#else
  register int32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
#endif
}

static int32_t open_file(const char *name, uint32_t length, uint32_t mode) {
  const uint32_t block[3] = {(uint32_t)name, mode, length};
  return host(0x01, block);
}

static uint32_t read_bytes(int32_t file, void *to, uint32_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)to, bytes};
  return bytes - (uint32_t)host(0x06, block);
}

static uint32_t write_bytes(int32_t file, const void *from, uint32_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)from, bytes};
  return bytes - (uint32_t)host(0x05, block);
}

static void leave(uint32_t code) {
  const uint32_t block[2] = {0x20026, code};
  host(0x20, block);
  for (;;) {
  }
}

/* What lies between these two is counted. */
__attribute__((noinline)) void region_begin(void) { __asm__ volatile(""); }
__attribute__((noinline)) void region_end(void) { __asm__ volatile(""); }

static uint32_t arena[(LARGE(ARENA_BYTES) + 3) / 4];

/* Stack below this mark is painted, so that its deepest use shows. */
#define STACK_BYTES 4096
#define PAINT 0xA5A5A5A5u

static uint32_t stack_used(void) {
  const uint32_t *at = (const uint32_t *)((uintptr_t)&stack_top - STACK_BYTES);
  while (*at == PAINT) at++;
  return (uint32_t)((uintptr_t)&stack_top - (uintptr_t)at);
}

static void run(void) {
  const int32_t in = open_file("in.bin", 6, 1), out = open_file("out.bin", 7, 5);
  const int32_t stack = open_file("stack.bin", 9, 5);
  const uint32_t bytes = LARGE(OUTPUT_ELEMENTS) * sizeof *LARGE(OUTPUT)(arena);
  uint32_t deepest, before, *at;
  if (in < 0 || out < 0) leave(2);
  for (at = (uint32_t *)((uintptr_t)&stack_top - STACK_BYTES);
       (uintptr_t)at < (uintptr_t)__builtin_frame_address(0) - 64; at++)
    *at = PAINT;
  before = (uint32_t)((uintptr_t)&stack_top - (uintptr_t)__builtin_frame_address(0));
  while (read_bytes(in, LARGE(INPUT)(arena), LARGE(INPUT_ELEMENTS)) == LARGE(INPUT_ELEMENTS)) {
    region_begin();
    NETWORK(run)(arena);
    region_end();
    if (write_bytes(out, LARGE(OUTPUT)(arena), bytes) != bytes) leave(3);
  }
  deepest = stack_used() - before;
  write_bytes(stack, &deepest, sizeof deepest);
  leave(0);
}

void reset(void) {
  uint32_t *to = &data_start;
  const uint32_t *from = &data_from;
  while (to < &data_end) *to++ = *from++;
  for (to = &bss_start; to < &bss_end; to++) *to = 0;
#if defined(__ARM_ARCH) && __ARM_ARCH >= 7 && !defined(__ARM_ARCH_6M__)
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20; /* floating point and vectors on */
  __asm__ volatile("dsb\n isb");
#endif
  run();
}
