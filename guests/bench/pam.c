/*
 * Partitioning around medoids (Zaatar, Figure 5; Buffet, Figure 9): M points with D coordinates in
 * K clusters, L rounds.
 *
 * The first K points are the medoids. A round tries to swap every medoid with every other point
 * and keeps a swap that lowers the sum of the distances of all points to their nearest medoid.
 * The answer names each point's nearest medoid in the final order of the points.
 */
#include "bench.h"

#ifndef M
#define M 20
#endif
#ifndef D
#define D 128
#endif
#ifndef K
#define K 2
#endif
#ifndef L
#define L 30
#endif

static int32_t points[M][D];
static int32_t cluster[M];

/** Square of the Euclidean distance. */
static int32_t distance(const int32_t *a, const int32_t *b) {
  int32_t sum = 0;
  for (int i = 0; i < D; i++) {
    const int32_t difference = a[i] - b[i];
    sum += difference * difference;
  }
  return sum;
}

static int32_t clustering_cost(void) {
  int32_t cost = 0;
  for (int i = 0; i < M; i++) {
    int32_t nearest = distance(points[i], points[0]);
    for (int medoid = 1; medoid < K; medoid++) {
      const int32_t candidate = distance(points[i], points[medoid]);
      if (candidate < nearest) nearest = candidate;
    }
    cost += nearest;
  }
  return cost;
}

static void swap_points(int i, int j) {
  for (int k = 0; k < D; k++) {
    const int32_t coordinate = points[i][k];
    points[i][k] = points[j][k];
    points[j][k] = coordinate;
  }
}

/** One round; returns the cost after it. */
static int32_t improve(int32_t cost) {
  for (int medoid = 0; medoid < K; medoid++) {
    for (int other = K; other < M; other++) {
      swap_points(medoid, other);
      const int32_t swapped = clustering_cost();
      if (swapped < cost) cost = swapped;
      else swap_points(medoid, other);
    }
  }
  return cost;
}

static int32_t nearest_medoid(int point) {
  int32_t best = 0;
  int32_t nearest = distance(points[0], points[point]);
  for (int medoid = 1; medoid < K; medoid++) {
    const int32_t candidate = distance(points[medoid], points[point]);
    if (candidate < nearest) {
      nearest = candidate;
      best = medoid;
    }
  }
  return best;
}

int main(void) {
  memcpy(points, read_problem(sizeof points), sizeof points);
  int32_t cost = clustering_cost();
  for (int round = 0; round < L; round++) cost = improve(cost);
  for (int i = 0; i < M; i++) cluster[i] = nearest_medoid(i);
  write_answer(cluster, sizeof cluster);
  return 0;
}
