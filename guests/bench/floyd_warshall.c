/*
 * All shortest paths of a graph with M nodes by Floyd and Warshall's algorithm (Zaatar, Figure 5).
 * Input: the matrix of edge lengths; INFINITE where there is no edge.
 */
#include "bench.h"

#ifndef M
#define M 25
#endif
#define INFINITE 0x7fffffff

static int32_t length[M][M];

int main(void) {
  memcpy(length, read_problem(sizeof length), sizeof length);
  for (int k = 0; k < M; k++) {
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < M; j++) {
        const int32_t to_k = length[i][k];
        const int32_t from_k = length[k][j];
        if (to_k != INFINITE && from_k != INFINITE && to_k + from_k < length[i][j]) {
          length[i][j] = to_k + from_k;
        }
      }
    }
  }
  write_answer(length, sizeof length);
  return 0;
}
