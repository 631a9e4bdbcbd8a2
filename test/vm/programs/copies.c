/* memcpy, memmove, memset, memcmp and strlen at every alignment and for every short length. */
#include "programs.h"

static uint8_t area[128];
static uint8_t source[128];

static void fill(uint32_t seed) {
  for (size_t i = 0; i < sizeof area; i++) {
    area[i] = (uint8_t)next_random(&seed);
    source[i] = (uint8_t)(next_random(&seed) >> 13);
  }
}

static uint32_t digest(void) {
  uint32_t hash = 0x811c9dc5;
  for (size_t i = 0; i < sizeof area; i++) hash = (hash ^ area[i]) * 0x01000193;
  return hash;
}

static void one(size_t to, size_t from, size_t length) {
  fill((uint32_t)(to * 64 + from));
  memcpy(area + to, source + from, opaque(length));
  emit32(digest());
  memmove(area + from, area + to, opaque(length));
  emit32(digest());
  memset(area + to, (int)(length * 37), opaque(length));
  emit32(digest());
  const int order = memcmp(area + from, source + from, opaque(length));
  emit32((uint32_t)((order > 0) - (order < 0)));
}

/* Words at odd addresses, as a parser of a packed format would read them. */
static void misaligned_words(void) {
  fill(5);
  for (size_t at = 0; at < 16; at++) {
    uint32_t word;
    uint16_t half;
    memcpy(&word, area + at, 4);
    memcpy(&half, area + at + 1, 2);
    emit32(word + half);
    word = word * 3 + 1;
    memcpy(area + at + 20, &word, 4);
  }
  emit32(digest());
}

int copies(void) {
  for (size_t to = 0; to < 8; to++) {
    for (size_t from = 0; from < 8; from++) {
      for (size_t length = 0; length < 24; length++) one(to, from, length);
    }
  }
  one(3, 9, 100);
  one(10, 2, 101);
  misaligned_words();
  static const char TEXT[] = "how long is this?";
  for (size_t i = 0; i < sizeof TEXT; i++) emit32((uint32_t)strlen(TEXT + opaque(i)));
  return 6;
}
