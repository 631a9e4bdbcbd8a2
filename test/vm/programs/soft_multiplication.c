/* Products by shifts and additions, against the machine's own. */
#include "programs.h"

static uint64_t by_shifts(uint32_t a, uint32_t b) {
  uint64_t product = 0;
  for (int i = 0; i < 32; i++) {
    if ((b >> i) & 1) product += (uint64_t)a << i;
  }
  return product;
}

/* 128-bit products of 64-bit factors, by schoolbook multiplication of 32-bit digits. */
static void long_product(uint64_t a, uint64_t b, uint32_t digits[4]) {
  const uint32_t x[2] = {(uint32_t)a, (uint32_t)(a >> 32)};
  const uint32_t y[2] = {(uint32_t)b, (uint32_t)(b >> 32)};
  memset(digits, 0, 16);
  for (int i = 0; i < 2; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < 2; j++) {
      carry += (uint64_t)x[i] * y[j] + digits[i + j];
      digits[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    digits[i + 2] = (uint32_t)carry;
  }
}

static int compare(uint32_t a, uint32_t b) {
  const uint64_t expected = by_shifts(a, b);
  emit64(expected);
  emit64((uint64_t)((int64_t)(int32_t)a * (int32_t)b));
  emit64((uint64_t)((int64_t)(int32_t)a * (int64_t)(uint64_t)b));
  uint32_t digits[4];
  long_product(expected, ((uint64_t)b << 32) | a, digits);
  emit_bytes(digits, sizeof digits);
  return (uint64_t)a * b == expected && a * b == (uint32_t)expected;
}

int soft_multiplication(void) {
  uint32_t state = 3;
  int good = 0;
  for (size_t i = 0; i < EDGE_COUNT; i++) {
    for (size_t j = 0; j < EDGE_COUNT; j++) good += compare(opaque(EDGES[i]), opaque(EDGES[j]));
  }
  for (int i = 0; i < 100; i++) {
    const uint32_t a = next_random(&state);
    good += compare(a, next_random(&state));
  }
  return good == (int)(EDGE_COUNT * EDGE_COUNT) + 100 ? 7 : 99;
}
