/* Covariance matrix of M samples of D variables, in integers (Pantry, Figure 10). */
#include "bench.h"

#ifndef M
#define M 2500
#endif
#ifndef D
#define D 10
#endif

typedef struct {
  int32_t at[M][D];
} samples_t;

static int32_t covariance[D][D];

static void compute_means(const samples_t *samples, int32_t mean[D]) {
  for (int j = 0; j < D; j++) {
    int32_t sum = 0;
    for (int i = 0; i < M; i++) sum += samples->at[i][j];
    mean[j] = sum / M;
  }
}

static inline int32_t sum_of_products(const samples_t *samples, int a, int32_t mean_a, int b,
                                      int32_t mean_b) {
  const int32_t *x = &samples->at[0][a];
  const int32_t *y = &samples->at[0][b];
  int32_t sum = 0;
  for (int i = 0; i < M; i++, x += D, y += D) sum += (*x - mean_a) * (*y - mean_b);
  return sum;
}

int main(void) {
  const samples_t *samples = read_problem(sizeof(samples_t));
  int32_t mean[D];
  compute_means(samples, mean);
  for (int a = 0; a < D; a++) {
    for (int b = 0; b < D; b++) {
      covariance[a][b] = sum_of_products(samples, a, mean[a], b, mean[b]) / (M - 1);
    }
  }
  write_answer(covariance, sizeof covariance);
  return 0;
}
