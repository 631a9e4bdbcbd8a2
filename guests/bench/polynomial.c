/* A polynomial of degree 2 in M variables, modulo 2^32 (Allspice). */
#include "bench.h"

#ifndef M
#define M 512
#endif

typedef struct {
  uint32_t variable[M];
  uint32_t coefficient[M][M];
} problem_t;

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  uint32_t value = 0;
  for (int i = 0; i < M; i++) {
    uint32_t sum = 0;
    for (int j = 0; j < M; j++) sum += problem->coefficient[i][j] * problem->variable[j];
    value += sum * problem->variable[i];
  }
  write_answer(&value, sizeof value);
  return 0;
}
