/* 64-bit integers on a 32-bit machine: carries, borrows, products, quotients, shifts, comparisons. */
#include "programs.h"

static uint64_t wide(size_t high, size_t low) {
  return ((uint64_t)opaque(EDGES[high]) << 32) | opaque(EDGES[low]);
}

static void all_operations(uint64_t a, uint64_t b) {
  emit64(a + b);
  emit64(a - b);
  emit64(a * b);
  emit32((a < b) | (a == b) << 1 | ((int64_t)a < (int64_t)b) << 2 | ((int64_t)a >= (int64_t)b) << 3);
  emit64(a << (b & 63));
  emit64(a >> (b & 63));
  emit64((uint64_t)((int64_t)a >> (b & 63)));
  if (b == 0) return;
  emit64(a / b);
  emit64(a % b);
  if (a == 0x8000000000000000u && b == UINT64_MAX) return;
  emit64((uint64_t)((int64_t)a / (int64_t)b));
  emit64((uint64_t)((int64_t)a % (int64_t)b));
}

static uint64_t power_modulo(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

int arithmetic64(void) {
  for (size_t i = 0; i < EDGE_COUNT; i++) {
    for (size_t j = 0; j < EDGE_COUNT; j++) {
      all_operations(wide(i, j), wide((i * 5 + j) % EDGE_COUNT, (j * 7 + i) % EDGE_COUNT));
    }
  }
  uint32_t state = 1;
  for (int i = 0; i < 200; i++) {
    const uint64_t a = ((uint64_t)next_random(&state) << 32) | next_random(&state);
    const uint64_t b = (((uint64_t)next_random(&state) << 32) | next_random(&state)) >> (i % 64);
    all_operations(a, b);
  }
  emit64(power_modulo(3, 1000000007, 4294967291u));
  return 0;
}
