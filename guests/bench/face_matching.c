/*
 * Face matching (Pantry, Figure 10): is one of M faces of 928 bits close enough to the target?
 * Each face brings its own threshold for the number of different bits.
 */
#include "bench.h"

#ifndef M
#define M 128
#endif
#define FACE_WORDS 29

typedef struct {
  uint32_t target[FACE_WORDS];
  struct {
    uint32_t bits[FACE_WORDS];
    uint32_t threshold;
  } face[M];
} problem_t;

/** Number of one bits: sums of pairs, of fours, of bytes, then all bytes by a multiplication. */
static inline uint32_t count_ones(uint32_t x) {
  x = x - ((x >> 1) & 0x55555555u);
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0fu;
  return (x * 0x01010101u) >> 24;
}

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  uint32_t matches = 0;
  for (int i = 0; i < M; i++) {
    uint32_t distance = 0;
    for (int j = 0; j < FACE_WORDS; j++) {
      distance += count_ones(problem->target[j] ^ problem->face[i].bits[j]);
    }
    if (distance <= problem->face[i].threshold) matches = 1;
  }
  write_answer(&matches, sizeof matches);
  return 0;
}
