/* Sorts M signed words by insertion (Pepper's example application). */
#include "bench.h"

#ifndef M
#define M 256
#endif

static int32_t array[M];

int main(void) {
  memcpy(array, read_problem(sizeof array), sizeof array);
  for (int i = 1; i < M; i++) {
    const int32_t value = array[i];
    int j = i - 1;
    while (j >= 0 && array[j] > value) {
      array[j + 1] = array[j];
      j--;
    }
    array[j + 1] = value;
  }
  write_answer(array, sizeof array);
  return 0;
}
