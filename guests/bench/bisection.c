/*
 * Root of a quadratic polynomial in M variables by L steps of bisection (Zaatar, Figure 5).
 *
 * Input: M linear coefficients and M x M quadratic ones (bytes), then the two ends of the first
 * interval (M signed words each). Coordinates are fixed-point numbers with 8 fractional bits in
 * 64 bits. A step evaluates the polynomial at the sum of the interval's ends and moves the end
 * that has the same sign to the middle. The answer is the last interval.
 */
#include "bench.h"

#ifndef M
#define M 256
#endif
#ifndef L
#define L 8
#endif
#define FRACTION_BITS 8

typedef struct {
  uint8_t linear[M];
  uint8_t quadratic[M][M];
  int32_t low[M];
  int32_t high[M];
} problem_t;

static struct {
  int64_t low[M];
  int64_t high[M];
} interval;

static int64_t evaluate(const problem_t *problem) {
  int64_t linear = 0;
  for (int i = 0; i < M; i++) {
    linear += (int64_t)problem->linear[i] * (interval.low[i] + interval.high[i]);
  }
  int64_t value = (2 * linear) * (1 << FRACTION_BITS);
  for (int i = 0; i < M; i++) {
    const int64_t x = interval.low[i] + interval.high[i];
    int64_t sum = 0;
    for (int j = 0; j < M; j++) {
      sum += (int64_t)problem->quadratic[i][j] * (interval.low[j] + interval.high[j]);
    }
    value += sum * x;
  }
  return value;
}

static void move_to_middle(int64_t end[M]) {
  for (int i = 0; i < M; i++) end[i] = (interval.low[i] + interval.high[i]) / 2;
}

int main(void) {
  const problem_t *problem = read_problem(sizeof(problem_t));
  for (int i = 0; i < M; i++) {
    interval.low[i] = (int64_t)problem->low[i] * (1 << FRACTION_BITS);
    interval.high[i] = (int64_t)problem->high[i] * (1 << FRACTION_BITS);
  }
  for (int step = 0; step < L; step++) {
    if (evaluate(problem) > 0) move_to_middle(interval.high);
    else move_to_middle(interval.low);
  }
  write_answer(&interval, sizeof interval);
  return 0;
}
