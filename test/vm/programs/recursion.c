/* Calls: deep, mutual and branching recursion, many arguments, large frames. */
#include "programs.h"

static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static bool is_odd(uint32_t n);
static bool is_even(uint32_t n) { return n == 0 || is_odd(n - 1); }
static bool is_odd(uint32_t n) { return n != 0 && is_even(n - 1); }

static uint32_t hanoi(uint32_t discs, uint32_t from, uint32_t to, uint32_t over) {
  if (discs == 0) return from;
  const uint32_t before = hanoi(discs - 1, from, over, to);
  return before * 31 + from * 3 + to + hanoi(discs - 1, over, to, from);
}

/* Each call keeps an array, so that the stack grows by about half a megabyte. */
static uint32_t deep(uint32_t depth) {
  volatile uint32_t frame[32];
  for (uint32_t i = 0; i < 32; i++) frame[i] = depth * i;
  const uint32_t below = depth == 0 ? 1 : deep(depth - 1);
  return below * 17 + frame[depth % 32];
}

static uint64_t many(uint32_t a, uint64_t b, uint32_t c, uint64_t d, uint32_t e, uint64_t f,
                     uint8_t g, int16_t h, uint32_t i) {
  return a + 2 * b + 3u * c + 4 * d + 5u * e + 6 * f + 7u * g + (uint64_t)(8 * (int64_t)h) + 9u * i;
}

static void queens(uint32_t row, uint32_t columns, uint32_t left, uint32_t right, uint32_t *count) {
  if (row == 7) {
    ++*count;
    return;
  }
  for (uint32_t bit = 1; bit < 1u << 7; bit <<= 1) {
    if ((columns | left | right) & bit) continue;
    queens(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1, count);
  }
}

int recursion(void) {
  emit32(ackermann(2, 9));
  emit32(fibonacci(opaque(18)));
  emit32(is_even(opaque(2001)));
  emit32(hanoi(opaque(9), 1, 2, 3));
  emit32(deep(opaque(3000)));
  emit64(many(opaque(1), 1ull << 40, 3, ~0ull, 5, 0x123456789abcdefull, 250, -3, opaque(9)));
  uint32_t count = 0;
  queens(0, 0, 0, 0, &count);
  emit32(count);
  return 3;
}
