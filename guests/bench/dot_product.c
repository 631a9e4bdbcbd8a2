/* Inner product of two vectors of M words, modulo 2^32 (Pantry, Figure 10). */
#include "bench.h"

#ifndef M
#define M 20000
#endif

typedef struct {
  uint32_t a[M];
  uint32_t b[M];
} problem_t;

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  uint32_t sum = 0;
  for (int i = 0; i < M; i++) sum += problem->a[i] * problem->b[i];
  write_answer(&sum, sizeof sum);
  return 0;
}
