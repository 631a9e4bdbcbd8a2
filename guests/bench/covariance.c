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

int main(void) {
  const samples_t *samples = read_problem(sizeof(samples_t));
  int32_t mean[D];
  compute_means(samples, mean);
  for (int a = 0; a < D; a++) {
    for (int b = 0; b < D; b++) {
      int32_t sum = 0;
      for (int i = 0; i < M; i++) {
        sum += (samples->at[i][a] - mean[a]) * (samples->at[i][b] - mean[b]);
      }
      covariance[a][b] = sum / (M - 1);
    }
  }
  write_answer(covariance, sizeof covariance);
  return 0;
}
