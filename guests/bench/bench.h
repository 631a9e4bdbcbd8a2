/*
 * What the benchmark programs share. Each reads its whole problem from the private input, has its
 * sizes as constants (the letters of the papers, set with -D), and writes its answer once.
 */
#ifndef BENCH_H
#define BENCH_H

#include "vouch.h"

/** A 64-bit number of the input: inputs are aligned to 4 bytes only. */
typedef uint64_t __attribute__((aligned(4))) input_u64_t;

/** The private input, which must have exactly `size` bytes. */
static inline const void *read_problem(size_t size) {
  const uint8_t *bytes;
  size_t actual;
  read_input(&bytes, &actual);
  assert(actual == size);
  return bytes;
}

static inline void write_answer(const void *answer, size_t size) {
  write_output((const uint8_t *)answer, size);
}

#endif
