/*
 * The guest's host interface on Linux, instead of start.S and io.c: a guest then runs natively or
 * under qemu-riscv32 and can be compared with the machine.
 *
 * Private input: file descriptor 3; public input: file descriptor 4; a descriptor that is not open
 * is an empty input. The journal goes to file descriptor 1, reasons and debugging output to 2.
 *
 *   cc -I guests/sdk guests/hello/main.c guests/sdk/host-linux.c -o hello && ./hello 3< name.txt
 *   riscv64-unknown-elf-gcc -march=rv32imc -mabi=ilp32 -O2 -static -nostdlib -ffreestanding \
 *     -fno-tree-loop-distribute-patterns \
 *     -I guests/sdk -I guests/sdk/include guests/hello/main.c guests/sdk/host-linux.c \
 *     guests/sdk/assert.c guests/sdk/string.c guests/sdk/malloc.c -lgcc -o hello
 *   qemu-riscv32 ./hello 3< name.txt
 *
 * Compiled for RISC-V it needs no C library.
 */
#include "vouch.h"
#include "vouch_memory_map.h"

#define PRIVATE_INPUT_FD 3
#define PUBLIC_INPUT_FD 4
#define JOURNAL_FD 1
#define DEBUG_FD 2

#ifdef __riscv

/* System call numbers: Linux, include/uapi/asm-generic/unistd.h. */
#define SYSTEM_READ 63
#define SYSTEM_WRITE 64
#define SYSTEM_EXIT_GROUP 94

static long system_call(long number, long first, const void *second, size_t third) {
  register long a0 __asm__("a0") = first;
  register const void *a1 __asm__("a1") = second;
  register size_t a2 __asm__("a2") = third;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  return a0;
}

static long read_some(int fd, void *buffer, size_t size) {
  return system_call(SYSTEM_READ, fd, buffer, size);
}

static long write_some(int fd, const void *buffer, size_t size) {
  return system_call(SYSTEM_WRITE, fd, buffer, size);
}

_Noreturn void vouch_exit(int code) {
  for (;;) system_call(SYSTEM_EXIT_GROUP, code, NULL, 0);
}

_Noreturn void exit(int code) { vouch_exit(code); }

_Noreturn void abort(void) { vouch_abort("abort() was called"); }

/* gp and sp are what Linux gives; the linker's relaxation needs gp. */
__asm__(
    ".section .text.start, \"ax\", @progbits\n"
    ".globl _start\n"
    "_start:\n"
    ".option push\n"
    ".option norelax\n"
    "  la gp, __global_pointer$\n"
    ".option pop\n"
    "  andi sp, sp, -16\n"
    "  call main\n"
    "  tail vouch_exit\n"
    ".bss\n"
    ".balign 16\n"
    ".globl __heap_start, __heap_end\n"
    "__heap_start: .zero 0x4000000\n"
    "__heap_end:\n"
    ".text\n");

/* Formatting is the host's part and Linux has none: only the format is shown. */
void vouch_debug_printf(const char *format, ...) { write_some(DEBUG_FD, format, strlen(format)); }

#else

#include <stdio.h>
#include <unistd.h>

static long read_some(int fd, void *buffer, size_t size) { return read(fd, buffer, size); }

static long write_some(int fd, const void *buffer, size_t size) { return write(fd, buffer, size); }

_Noreturn void vouch_exit(int code) { _exit(code); }

void vouch_debug_printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
}

#endif

static void write_all(int fd, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    const long written = write_some(fd, bytes, size);
    if (written <= 0) vouch_exit(VOUCH_EXIT_CODE_ABORT);
    bytes += written;
    size -= (size_t)written;
  }
}

_Noreturn void vouch_abort(const char *reason) {
  write_all(DEBUG_FD, (const uint8_t *)reason, strlen(reason));
  write_all(DEBUG_FD, (const uint8_t *)"\n", 1);
  vouch_exit(VOUCH_EXIT_CODE_ABORT);
}

/** One input, read when it is first asked for. */
struct input {
  bool known;
  size_t size;
  _Alignas(8) uint8_t bytes[VOUCH_MAX_INPUT_BYTES + 4];
};

static void provide(struct input *input, int fd, const uint8_t **buf_ptr, size_t *buf_size) {
  if (!input->known) {
    input->known = true;
    for (;;) {
      const size_t space = VOUCH_MAX_INPUT_BYTES - input->size;
      const long count = space == 0 ? 0 : read_some(fd, input->bytes + input->size, space);
      if (count <= 0) break;
      input->size += (size_t)count;
    }
  }
  *buf_ptr = input->bytes;
  *buf_size = input->size;
}

void read_input(const uint8_t **buf_ptr, size_t *buf_size) {
  static struct input input;
  provide(&input, PRIVATE_INPUT_FD, buf_ptr, buf_size);
}

void read_public_input(const uint8_t **buf_ptr, size_t *buf_size) {
  static struct input input;
  provide(&input, PUBLIC_INPUT_FD, buf_ptr, buf_size);
}

void write_output(const uint8_t *output, size_t size) { write_all(JOURNAL_FD, output, size); }
