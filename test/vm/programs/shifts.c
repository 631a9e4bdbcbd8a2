/* Shifts by variables and constants, rotations, bit counts, reversals. */
#include "programs.h"

static uint32_t rotate(uint32_t value, unsigned amount) {
  return (value << (amount & 31)) | (value >> (-amount & 31));
}

static uint32_t reverse(uint32_t v) {
  v = ((v >> 1) & 0x55555555) | ((v & 0x55555555) << 1);
  v = ((v >> 2) & 0x33333333) | ((v & 0x33333333) << 2);
  v = ((v >> 4) & 0x0f0f0f0f) | ((v & 0x0f0f0f0f) << 4);
  return __builtin_bswap32(v);
}

static uint32_t crc32(const uint8_t *bytes, size_t size) {
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1));
  }
  return ~crc;
}

static void one(uint32_t value) {
  for (unsigned amount = 0; amount < 32; amount++) {
    const unsigned by = opaque(amount);
    emit32(value << by);
    emit32(value >> by);
    emit32((uint32_t)((int32_t)value >> by));
    emit32(rotate(value, by));
  }
  emit32(reverse(value));
  emit32((uint32_t)__builtin_popcount(value));
  emit32((uint32_t)__builtin_parity(value));
  if (value != 0) emit32((uint32_t)(__builtin_clz(value) << 8 | __builtin_ctz(value)));
  emit32((uint32_t)((int32_t)(value << 24) >> 24));
  emit32((value << 16) >> 20);
}

int shifts(void) {
  for (size_t i = 0; i < EDGE_COUNT; i++) one(opaque(EDGES[i]));
  emit32(crc32((const uint8_t *)EDGES, sizeof EDGES));
  return 2;
}
