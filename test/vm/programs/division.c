/* Division by variables, and by constants, which compilers turn into multiplications. */
#include "programs.h"

static void by_variable(uint32_t a, uint32_t b) {
  if (b == 0) return;
  emit32(a / b);
  emit32(a % b);
  if (a == 0x80000000u && b == UINT32_MAX) return;
  emit32((uint32_t)((int32_t)a / (int32_t)b));
  emit32((uint32_t)((int32_t)a % (int32_t)b));
}

#define BY_CONSTANT(a, c)                     \
  do {                                        \
    emit32((a) / (uint32_t)(c));              \
    emit32((a) % (uint32_t)(c));              \
    emit32((uint32_t)((int32_t)(a) / (c)));   \
    emit32((uint32_t)((int32_t)(a) % (c)));   \
  } while (0)

static void by_constants(uint32_t a) {
  BY_CONSTANT(a, 2);
  BY_CONSTANT(a, 3);
  BY_CONSTANT(a, 5);
  BY_CONSTANT(a, 7);
  BY_CONSTANT(a, 10);
  BY_CONSTANT(a, 16);
  BY_CONSTANT(a, 641);
  BY_CONSTANT(a, 1000);
  BY_CONSTANT(a, 65537);
  BY_CONSTANT(a, 1000000007);
  BY_CONSTANT(a, 2147483647);
  emit32((uint32_t)((int32_t)a / -3));
  emit32((uint32_t)((int32_t)a % -10));
}

static uint32_t greatest_common_divisor(uint32_t a, uint32_t b) {
  while (b != 0) {
    const uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static void emit_decimal(uint32_t value) {
  char digits[12];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  emit_bytes(digits + at, sizeof digits - at);
}

int division(void) {
  uint32_t state = 7;
  for (size_t i = 0; i < EDGE_COUNT; i++) {
    for (size_t j = 0; j < EDGE_COUNT; j++) by_variable(opaque(EDGES[i]), opaque(EDGES[j]));
    by_constants(opaque(EDGES[i]));
    emit_decimal(EDGES[i]);
  }
  for (int i = 0; i < 300; i++) {
    const uint32_t a = next_random(&state);
    by_variable(a, next_random(&state) >> (i % 32));
    by_constants(a);
    emit32(greatest_common_divisor(a, next_random(&state)));
  }
  return 1;
}
