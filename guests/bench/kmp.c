/*
 * Knuth, Morris and Pratt's search for M bytes in K bytes (Buffet, Figure 9). The answer is the
 * first match's position, K if there is none.
 */
#include "bench.h"

#ifndef M
#define M 256
#endif
#ifndef K
#define K 2900
#endif

/** fallback[i]: how much of the needle still matches when its byte i does not; -1: nothing. */
static void fill_fallback(const uint8_t *needle, int32_t fallback[M]) {
  fallback[0] = -1;
  fallback[1] = 0;
  int candidate = 0;
  int i = 2;
  while (i < M) {
    if (needle[i - 1] == needle[candidate]) fallback[i++] = ++candidate;
    else if (candidate > 0) candidate = fallback[candidate];
    else fallback[i++] = 0;
  }
}

static uint32_t search(const uint8_t *needle, const uint8_t *haystack, const int32_t fallback[M]) {
  int start = 0;
  int matched = 0;
  while (start + matched < K) {
    if (needle[matched] == haystack[start + matched]) {
      if (matched == M - 1) return (uint32_t)start;
      matched++;
    } else if (fallback[matched] > -1) {
      start = start + matched - fallback[matched];
      matched = fallback[matched];
    } else {
      matched = 0;
      start++;
    }
  }
  return K;
}

int main(void) {
  const uint8_t *needle = read_problem(M + K);
  const uint8_t *haystack = needle + M;
  int32_t fallback[M];
  fill_fallback(needle, fallback);
  const uint32_t position = search(needle, haystack, fallback);
  write_answer(&position, sizeof position);
  return 0;
}
