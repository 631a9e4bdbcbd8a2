/*
 * 64-bit arithmetic on pairs of numbers: reads 8-byte numbers, writes the results of each pair. A
 * guest for comparing the compilers' support functions with another implementation.
 */
#include "vouch.h"

typedef uint64_t __attribute__((aligned(4))) number_t;

static void write_number(uint64_t number) {
  write_output((const uint8_t *)&number, sizeof number);
}

int main(void) {
  const uint8_t *input;
  size_t size;
  read_input(&input, &size);
  const number_t *numbers = (const number_t *)input;
  for (size_t i = 0; i + 1 < size / sizeof(uint64_t); i += 2) {
    const uint64_t a = numbers[i];
    const uint64_t b = numbers[i + 1];
    const int amount = (int)(b % 64);
    write_number(a * b);
    write_number(a << amount);
    write_number(a >> amount);
    write_number((uint64_t)((int64_t)a >> amount));
    if (b == 0) continue;
    write_number(a / b);
    write_number(a % b);
    if ((int64_t)a == INT64_MIN && (int64_t)b == -1) continue;
    write_number((uint64_t)((int64_t)a / (int64_t)b));
    write_number((uint64_t)((int64_t)a % (int64_t)b));
  }
  return 0;
}
