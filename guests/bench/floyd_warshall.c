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

/** Shortens the paths from one node, given its row and that of the node k, by going through k. */
static inline void shorten(int32_t *row, const int32_t *via, int k) {
  for (int j = 0; j < M; j++) {
    const int32_t to_k = row[k];
    const int32_t from_k = via[j];
    if (to_k != INFINITE && from_k != INFINITE && to_k + from_k < row[j]) row[j] = to_k + from_k;
  }
}

int main(void) {
  memcpy(length, read_problem(sizeof length), sizeof length);
  for (int k = 0; k < M; k++) {
    for (int i = 0; i < M; i++) {
      shorten(length[i], length[k], k);
    }
  }
  write_answer(length, sizeof length);
  return 0;
}
