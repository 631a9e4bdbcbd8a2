/* Exercises malloc, calloc, realloc and free; exits with 0 if every block is sound. */
#include "vouch.h"

#define BLOCKS 64

static struct {
  uint8_t *bytes;
  size_t size;
  uint8_t mark;
} blocks[BLOCKS];

static uint32_t state = 1;

static uint32_t next_random(void) {
  state = state * 1664525 + 1013904223;
  return state >> 8;
}

static void check(int i) {
  for (size_t k = 0; k < blocks[i].size; k++) assert(blocks[i].bytes[k] == blocks[i].mark);
}

static void mark(int i) {
  blocks[i].mark = (uint8_t)next_random();
  memset(blocks[i].bytes, blocks[i].mark, blocks[i].size);
}

static void allocate(int i, size_t size) {
  const bool zeroed = next_random() % 2 == 0;
  blocks[i].bytes = zeroed ? calloc(size, 1) : malloc(size);
  assert(blocks[i].bytes != NULL && (uintptr_t)blocks[i].bytes % 16 == 0);
  for (size_t k = 0; zeroed && k < size; k++) assert(blocks[i].bytes[k] == 0);
  blocks[i].size = size;
  mark(i);
}

static void resize(int i, size_t size) {
  uint8_t *bytes = realloc(blocks[i].bytes, size);
  assert(bytes != NULL && (uintptr_t)bytes % 16 == 0);
  const size_t kept = size < blocks[i].size ? size : blocks[i].size;
  for (size_t k = 0; k < kept; k++) assert(bytes[k] == blocks[i].mark);
  blocks[i].bytes = bytes;
  blocks[i].size = size;
  mark(i);
}

int main(void) {
  for (int step = 0; step < 4000; step++) {
    const int i = next_random() % BLOCKS;
    const size_t size = next_random() % 300;
    check(i);
    if (blocks[i].bytes == NULL) {
      allocate(i, size);
    } else if (next_random() % 3 == 0) {
      resize(i, size);
    } else {
      free(blocks[i].bytes);
      blocks[i].bytes = NULL;
      blocks[i].size = 0;
    }
  }
  for (int i = 0; i < BLOCKS; i++) check(i);
  volatile size_t too_much = (size_t)1 << 31;
  assert(malloc(too_much) == NULL && calloc(too_much, 2) == NULL && malloc(SIZE_MAX) == NULL);
  uint8_t *kept = malloc(8);
  assert(realloc(kept, too_much) == NULL);
  free(NULL);
  return 0;
}
