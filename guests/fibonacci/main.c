/*
 * fib(n) modulo 2^32 by n additions. Public input: n as a little-endian word. Journal: fib(n) as a
 * little-endian word.
 */
#include "vouch.h"

static uint32_t fibonacci(uint32_t n) {
  uint32_t current = 0;
  uint32_t next = 1;
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t sum = current + next;
    current = next;
    next = sum;
  }
  return current;
}

int main(void) {
  const uint8_t *input;
  size_t size;
  read_public_input(&input, &size);
  assert(size == sizeof(uint32_t));
  const uint32_t result = fibonacci(*(const uint32_t *)input);
  write_output((const uint8_t *)&result, sizeof result);
  return 0;
}
