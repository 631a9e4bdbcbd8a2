/*
 * Fannkuch (Zaatar, Figure 5; Buffet, Figure 9): for L permutations of 1..M in lexicographic order,
 * beginning with the input: reverse the first n elements, n being the first one, until 1 leads.
 * The answer is the largest number of reversals.
 */
#include "bench.h"

#ifndef M
#define M 13
#endif
#ifndef L
#define L 850
#endif

static inline void swap(uint8_t *a, uint8_t *b) {
  const uint8_t value = *a;
  *a = *b;
  *b = value;
}

static inline void reverse(uint8_t *permutation, int first, int last) {
  for (; first < last; first++, last--) swap(&permutation[first], &permutation[last]);
}

static uint32_t count_flips(const uint8_t permutation[M]) {
  uint8_t flipped[M];
  for (int i = 0; i < M; i++) flipped[i] = permutation[i];
  uint32_t flips = 0;
  while (flipped[0] != 1) {
    reverse(flipped, 0, flipped[0] - 1);
    flips++;
  }
  return flips;
}

/** The lexicographic successor; the last permutation stays what it is. */
static void next_permutation(uint8_t permutation[M]) {
  int rise = M - 2;
  while (rise >= 0 && permutation[rise] >= permutation[rise + 1]) rise--;
  if (rise < 0) return;
  int larger = M - 1;
  while (permutation[larger] <= permutation[rise]) larger--;
  swap(&permutation[rise], &permutation[larger]);
  reverse(permutation, rise + 1, M - 1);
}

int main(void) {
  uint8_t permutation[M];
  memcpy(permutation, read_problem(sizeof permutation), sizeof permutation);
  uint32_t most = 0;
  for (int i = 0; i < L; i++) {
    const uint32_t flips = count_flips(permutation);
    if (flips > most) most = flips;
    next_permutation(permutation);
  }
  write_answer(&most, sizeof most);
  return 0;
}
