/*
 * Greets the name in the private input and prints the input's FNV-1a hash: the shortest guest that
 * reads, computes and writes.
 */
#include "vouch.h"

/** FNV-1a, 32 bits (draft-eastlake-fnv, section 2). */
static uint32_t fnv1a(const uint8_t *bytes, size_t size) {
  uint32_t hash = 0x811c9dc5;
  for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 0x01000193;
  return hash;
}

static void write_text(const char *text) { write_output((const uint8_t *)text, strlen(text)); }

static void write_hex(uint32_t value) {
  uint8_t digits[8];
  for (int i = 0; i < 8; i++) digits[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
  write_output(digits, sizeof digits);
}

int main(void) {
  const uint8_t *name;
  size_t size;
  read_input(&name, &size);
  debug_printf("the private input has %u bytes\n", (unsigned)size);

  write_text("Hello, ");
  write_output(name, size);
  write_text("!\n");
  write_hex(fnv1a(name, size));
  write_text("\n");
  return 0;
}
