/*
 * Product of a sparse M x M matrix with K elements, stored by compressed rows, and a vector
 * (Buffet, Figure 9).
 */
#include "bench.h"

#ifndef M
#define M 1150
#endif
#ifndef K
#define K 2300
#endif

typedef struct {
  uint32_t vector[M];
  uint32_t element[K];
  uint32_t column[K];
  /** Row i has the elements row_start[i] .. row_start[i + 1] - 1. */
  int32_t row_start[M + 1];
} problem_t;

static uint32_t product[M];

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  for (int i = 0; i < M; i++) {
    uint32_t sum = 0;
    for (int j = problem->row_start[i]; j < problem->row_start[i + 1]; j++) {
      sum += problem->element[j] * problem->vector[problem->column[j]];
    }
    product[i] = sum;
  }
  write_answer(product, sizeof product);
  return 0;
}
