/*
 * The nearest of M points with D coordinates to a given one (Pantry, Figure 10): its number and the
 * square of its distance.
 */
#include "bench.h"

#ifndef M
#define M 20000
#endif
#ifndef D
#define D 10
#endif

typedef struct {
  int32_t points[M][D];
  int32_t target[D];
} problem_t;

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  struct {
    uint32_t index;
    uint32_t distance;
  } nearest = {0, UINT32_MAX};
  for (int i = 0; i < M; i++) {
    uint32_t distance = 0;
    for (int j = 0; j < D; j++) {
      const int32_t difference = problem->points[i][j] - problem->target[j];
      distance += (uint32_t)(difference * difference);
    }
    if (distance < nearest.distance) {
      nearest.distance = distance;
      nearest.index = (uint32_t)i;
    }
  }
  write_answer(&nearest, sizeof nearest);
  return 0;
}
