/*
 * The first table of Boyer and Moore's search (Buffet, Figure 9): for each of K characters, how far
 * a pattern of M characters may shift when the text shows that character at the pattern's end.
 */
#include "bench.h"

#ifndef M
#define M 512
#endif
#ifndef K
#define K 16128
#endif

static uint32_t shift[K];

int main(void) {
  const uint32_t *pattern = read_problem(M * sizeof(uint32_t));
  for (int i = 0; i < K; i++) shift[i] = M;
  for (int i = 0; i < M - 1; i++) {
    assert(pattern[i] < K);
    shift[pattern[i]] = M - 1 - i;
  }
  write_answer(shift, sizeof shift);
  return 0;
}
