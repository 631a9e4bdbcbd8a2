/*
 * A longest common subsequence of two strings of M characters (Zaatar, Figure 5).
 *
 * common[i][j] is the length for the suffixes from a[i] and b[j]; walking from common[0][0] along
 * optimal choices spells the subsequence. The answer is padded with zeros to M bytes.
 */
#include "bench.h"

#ifndef M
#define M 300
#endif

static int16_t common[M + 1][M + 1];
static uint8_t subsequence[M];

static void fill_table(const uint8_t *a, const uint8_t *b) {
  for (int i = M - 1; i >= 0; i--) {
    for (int j = M - 1; j >= 0; j--) {
      if (a[i] == b[j]) {
        common[i][j] = 1 + common[i + 1][j + 1];
      } else {
        const int16_t without_a = common[i + 1][j];
        const int16_t without_b = common[i][j + 1];
        common[i][j] = without_a > without_b ? without_a : without_b;
      }
    }
  }
}

static void walk(const uint8_t *a, const uint8_t *b) {
  int i = 0;
  int j = 0;
  int length = 0;
  while (i < M && j < M) {
    if (a[i] == b[j]) {
      subsequence[length++] = a[i];
      i++;
      j++;
    } else if (common[i + 1][j] == common[i][j + 1] + 1) {
      i++;
    } else {
      j++;
    }
  }
}

int main(void) {
  const uint8_t *a = read_problem(2 * M);
  const uint8_t *b = a + M;
  fill_table(a, b);
  walk(a, b);
  write_answer(subsequence, sizeof subsequence);
  return 0;
}
