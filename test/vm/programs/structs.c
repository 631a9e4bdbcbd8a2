/* Structures by value, unions, bit-fields and packed, hence misaligned, members. */
#include "programs.h"

struct point {
  int16_t x, y;
};

struct shape {
  uint8_t kind;
  struct point corners[5];
  uint64_t weight;
  char name[7];
};

struct __attribute__((packed)) record {
  uint8_t tag;
  uint16_t half;
  uint32_t word;
  uint64_t wide;
  int8_t tail;
};

struct flags {
  unsigned low : 3;
  int middle : 11;
  unsigned high : 18;
};

union view {
  uint64_t wide;
  uint32_t words[2];
  uint16_t halves[4];
  uint8_t bytes[8];
};

__attribute__((noinline)) static struct shape moved(struct shape shape, struct point by) {
  for (size_t i = 0; i < 5; i++) {
    shape.corners[i].x = (int16_t)(shape.corners[i].x + by.x);
    shape.corners[i].y = (int16_t)(shape.corners[i].y - by.y);
  }
  shape.weight *= 3;
  shape.name[shape.kind % 7] ^= 0x20;
  return shape;
}

__attribute__((noinline)) static struct record changed(const struct record *from, uint32_t by) {
  struct record to = *from;
  to.half = (uint16_t)(to.half + by);
  to.word ^= by;
  to.wide += (uint64_t)by << 20;
  to.tail = (int8_t)(to.tail - 1);
  return to;
}

__attribute__((noinline)) static struct flags counted(struct flags flags, uint32_t by) {
  flags.low += by;
  flags.middle = (int)((by * 5) & 0x3ff) - 512;
  flags.high ^= by;
  return flags;
}

int structs(void) {
  struct shape shape;
  memset(&shape, 0, sizeof shape);
  shape.kind = 3;
  shape.weight = 0x123456789ull;
  memcpy(shape.name, "penta", 6);
  struct record records[5];
  memset(records, 0x5a, sizeof records);
  struct flags flags = {1, -2, 3};
  union view view = {.wide = 0x0123456789abcdefull};
  for (uint32_t i = 0; i < 40; i++) {
    shape = moved(shape, (struct point){(int16_t)(i * 1000), (int16_t)(i * 77)});
    emit_bytes(shape.corners, sizeof shape.corners);
    emit64(shape.weight);
    emit_bytes(shape.name, sizeof shape.name);
    records[(i + 1) % 5] = changed(&records[i % 5], opaque(i * 0x01010101u));
    flags = counted(flags, i);
    emit32(flags.low);
    emit32((uint32_t)flags.middle);
    emit32(flags.high);
    view.halves[i % 4] = (uint16_t)(view.halves[i % 4] + view.bytes[(i * 3) % 8]);
    view.words[i % 2] = view.words[i % 2] * 5 + 1;
    emit64(view.wide);
  }
  emit_bytes(records, sizeof records);
  return 4;
}
