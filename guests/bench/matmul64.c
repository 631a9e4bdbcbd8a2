/* Product of two M x M matrices of 64-bit integers, modulo 2^64 (the one of CACM 2015). */
#include "bench.h"

#ifndef M
#define M 128
#endif

typedef struct {
  input_u64_t at[M][M];
} matrix_t;

static matrix_t product;

static uint64_t inner_product(const matrix_t *a, const matrix_t *b, int row, int column) {
  const input_u64_t *left = a->at[row];
  const input_u64_t *right = &b->at[0][column];
  uint64_t sum = 0;
  for (const input_u64_t *end = left + M; left != end; left++, right += M) sum += *left * *right;
  return sum;
}

int main(void) {
  const matrix_t *a = read_problem(2 * sizeof(matrix_t));
  const matrix_t *b = a + 1;
  for (int i = 0; i < M; i++) {
    for (int j = 0; j < M; j++) product.at[i][j] = inner_product(a, b, i, j);
  }
  write_answer(&product, sizeof product);
  return 0;
}
