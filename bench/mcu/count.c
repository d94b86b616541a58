/* A QEMU plugin that counts the instructions executed between two addresses, per pass.
 * gcc -O2 -shared -fPIC -fvisibility=hidden -o count.so count.c
 * qemu-system-arm ... -plugin ./count.so,start=ADDRESS,stop=ADDRESS,out=FILE
 * It declares the few functions of the plugin interface that it uses, so no header is needed. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*on_translate)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*on_execute)(unsigned, void *);
typedef void (*on_leave)(qemu_plugin_id_t, void *);
enum { NO_REGISTERS = 0 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, on_translate);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, on_execute, int,
                                                   void *);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, on_leave, void *);

#define PUBLIC __attribute__((visibility("default")))
PUBLIC int qemu_plugin_version = 3;

static uint64_t start, stop, counted;
static bool counting;
static FILE *out;

static void execute(unsigned cpu, void *address) {
  const uint64_t at = (uint64_t)(uintptr_t)address;
  (void)cpu;
  if (at == start) {
    counting = true;
    counted = 0;
  } else if (at == stop && counting) {
    counting = false;
    fprintf(out, "%" PRIu64 "\n", counted);
  }
  counted += counting;
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  const size_t count = qemu_plugin_tb_n_insns(block);
  (void)id;
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *const insn = qemu_plugin_tb_get_insn(block, i);
    void *const address = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, execute, NO_REGISTERS, address);
  }
}

static void finish(qemu_plugin_id_t id, void *data) {
  (void)id;
  (void)data;
  fclose(out);
}

PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  const char *path = "count.txt";
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "start=", 6) == 0) start = strtoull(argv[i] + 6, 0, 0);
    if (strncmp(argv[i], "stop=", 5) == 0) stop = strtoull(argv[i] + 5, 0, 0);
    if (strncmp(argv[i], "out=", 4) == 0) path = argv[i] + 4;
  }
  out = fopen(path, "w");
  if (out == 0) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  qemu_plugin_register_atexit_cb(id, finish, 0);
  return 0;
}
