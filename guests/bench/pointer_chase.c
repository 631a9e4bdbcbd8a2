/* Follows M + 1 pointers through an array of M indices (Buffet, Figure 9): memory in random order. */
#include "bench.h"

#ifndef M
#define M 16384
#endif

static uint32_t chase(const uint32_t *next) {
  uint32_t position = next[0];
  for (int i = 0; i < M; i++) position = next[position];
  return position;
}

int main(void) {
  const uint32_t *next = read_problem(M * sizeof(uint32_t));
  const uint32_t position = chase(next);
  write_answer(&position, sizeof position);
  return 0;
}
