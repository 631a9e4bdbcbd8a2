/* Sign and zero extension, variable arguments, volatile and static data, constants in memory. */
#include "programs.h"

static volatile int8_t signed_byte;
static volatile uint8_t unsigned_byte;
static volatile int16_t signed_half = -1;
static volatile uint16_t unsigned_half = 0xffff;
static uint32_t initialised[7] = {1, 2, 3, 0xfffffff0, 5};
static const int16_t CONSTANTS[] = {-32768, -1, 0, 1, 32767};
static const char *const NAMES[] = {"alpha", "beta", "gamma"};

static uint64_t summed(int count, ...) {
  va_list arguments;
  va_start(arguments, count);
  uint64_t sum = 0;
  for (int i = 0; i < count; i++) {
    if (i % 3 == 2) sum = sum * 7 + va_arg(arguments, uint64_t);
    else sum = sum * 5 + va_arg(arguments, uint32_t);
  }
  va_end(arguments);
  return sum;
}

int conversions(void) {
  for (size_t i = 0; i < EDGE_COUNT; i++) {
    const uint32_t value = opaque(EDGES[i]);
    signed_byte = (int8_t)value;
    unsigned_byte = (uint8_t)value;
    signed_half = (int16_t)(signed_half + (int16_t)value);
    unsigned_half = (uint16_t)(unsigned_half - value);
    emit32((uint32_t)signed_byte);
    emit32(unsigned_byte);
    emit32((uint32_t)signed_half);
    emit32(unsigned_half);
    emit64((uint64_t)(int64_t)signed_byte);
    emit64((uint64_t)(int64_t)(int32_t)value);
    initialised[i % 7] += value;
    emit32((uint32_t)CONSTANTS[i % 5] + (uint32_t)(CONSTANTS[(i + 1) % 5] * signed_byte));
    emit_bytes(NAMES[i % 3], strlen(NAMES[i % 3]));
    emit64(summed(6, value, 2u, 3ull << 33, value ^ 1u, 5u, (uint64_t)value << 31));
  }
  emit_bytes(initialised, sizeof initialised);
  return 10;
}
