/*
 * Decodes M bytes from run lengths (Buffet, Figure 9): pairs of a byte and its number of
 * repetitions after the first.
 */
#include "bench.h"

#ifndef M
#define M 5450
#endif

static uint8_t decoded[M];

int main(void) {
  const uint8_t *pair = read_problem(2 * M);
  uint8_t *next = decoded;
  uint8_t *const end = decoded + M;
  for (; next < end; pair += 2) {
    const uint8_t byte = pair[0];
    const int repetitions = pair[1];
    for (int i = 0; i <= repetitions; i++) {
      *next++ = byte;
      if (next >= end) break;
    }
  }
  write_answer(decoded, sizeof decoded);
  return 0;
}
