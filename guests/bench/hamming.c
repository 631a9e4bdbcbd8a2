/* Hamming distances of one string of M words to M others (Ginger). */
#include "bench.h"

#ifndef M
#define M 100
#endif

typedef struct {
  uint32_t string[M];
  uint32_t others[M][M];
} problem_t;

static uint32_t distances[M];

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  for (int i = 0; i < M; i++) {
    uint32_t distance = 0;
    for (int j = 0; j < M; j++) distance += problem->others[i][j] != problem->string[j];
    distances[i] = distance;
  }
  write_answer(distances, sizeof distances);
  return 0;
}
