/*
 * Nucleotide search (Pantry, Figure 10): the first position (M if none) and the number of
 * occurrences of D bytes in M bytes, by trying every position.
 */
#include "bench.h"

#ifndef M
#define M 600000
#endif
#ifndef D
#define D 4
#endif

typedef struct {
  uint8_t needle[D];
  uint8_t haystack[M];
} problem_t;

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  struct {
    uint32_t first;
    uint32_t count;
  } answer = {M, 0};
  for (uint32_t i = 0; i + D <= M; i++) {
    int matched = 0;
    while (matched < D && problem->haystack[i + matched] == problem->needle[matched]) matched++;
    if (matched == D) {
      answer.count++;
      if (answer.first == M) answer.first = i;
    }
  }
  write_answer(&answer, sizeof answer);
  return 0;
}
