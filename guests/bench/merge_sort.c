/*
 * Sorts M words by merging runs of 1, 2, 4, ... words from one array into the other (Buffet,
 * Figure 9). M is a power of two.
 */
#include "bench.h"

#ifndef M
#define M 512
#endif
static_assert((M & (M - 1)) == 0, "M is a power of two");

static uint32_t arrays[2][M];

/** Merges source[begin .. middle) and source[middle .. end) into target[begin .. end). */
static inline void merge(uint32_t *target, const uint32_t *source, int begin, int middle, int end) {
  int left = begin;
  int right = middle;
  for (int i = begin; i < end; i++) {
    if (left < middle && (right >= end || source[left] < source[right])) target[i] = source[left++];
    else target[i] = source[right++];
  }
}

int main(void) {
  memcpy(arrays[0], read_problem(sizeof arrays[0]), sizeof arrays[0]);
  uint32_t *source = arrays[0];
  uint32_t *target = arrays[1];
  for (int run = 1; run < M; run *= 2) {
    for (int begin = 0; begin < M; begin += 2 * run) {
      merge(target, source, begin, begin + run, begin + 2 * run);
    }
    uint32_t *sorted = target;
    target = source;
    source = sorted;
  }
  write_answer(source, M * sizeof(uint32_t));
  return 0;
}
