/* Floating point by the compiler's integer routines: long chains of shifts, counts and branches. */
#include "programs.h"

static float as_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return value != value ? 0x7fc00000 : bits;
}

static uint64_t double_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  return value != value ? 0x7ff8000000000000u : bits;
}

static void all_operations(float a, float b) {
  emit32(float_bits(a + b));
  emit32(float_bits(a - b));
  emit32(float_bits(a * b));
  emit32(float_bits(a / b));
  emit64(double_bits((double)a * (double)b));
  emit64(double_bits((double)a / ((double)b + 0.5)));
  emit32(a < b ? 1 : a == b ? 2 : a > b ? 3 : 4);
  if (a > -2e9f && a < 2e9f) emit32((uint32_t)(int32_t)a);
}

/* The square root by Newton's method. */
static double square_root(double value) {
  double root = value;
  for (int i = 0; i < 40; i++) root = (root + value / root) / 2;
  return root;
}

int floating_point(void) {
  static const uint32_t PATTERNS[] = {0,          0x80000000, 0x3f800000, 0xbf800000, 0x00000001,
                                      0x007fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000,
                                      0x7fc00000, 0x40490fdb, 0xc2f6e979, 0x4b000001};
  const size_t count = sizeof PATTERNS / sizeof PATTERNS[0];
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < count; j++) {
      all_operations(as_float(opaque(PATTERNS[i])), as_float(opaque(PATTERNS[j])));
    }
  }
  uint32_t state = 11;
  for (int i = 0; i < 100; i++) {
    const float a = as_float(next_random(&state));
    all_operations(a, as_float(next_random(&state)));
    emit64(double_bits((double)(int32_t)next_random(&state)));
  }
  emit64(double_bits(square_root((double)opaque(2))));
  return 8;
}
