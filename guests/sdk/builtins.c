/*
 * Functions that a compiler calls for 64-bit integers on a 32-bit machine, for clang, which brings
 * no library for riscv32. (GCC brings libgcc.) The names and meanings are those of the "Integer
 * library routines" in the GCC internals manual.
 */
#include <stdint.h>

typedef struct {
  uint32_t low, high;
} halves_t;

static halves_t split(uint64_t value) {
  return (halves_t){.low = (uint32_t)value, .high = (uint32_t)(value >> 32)};
}

static uint64_t join(uint32_t low, uint32_t high) { return ((uint64_t)high << 32) | low; }

uint64_t __ashldi3(uint64_t value, int amount) {
  const halves_t v = split(value);
  if (amount == 0) return value;
  if (amount >= 32) return join(0, v.low << (amount - 32));
  return join(v.low << amount, (v.high << amount) | (v.low >> (32 - amount)));
}

uint64_t __lshrdi3(uint64_t value, int amount) {
  const halves_t v = split(value);
  if (amount == 0) return value;
  if (amount >= 32) return join(v.high >> (amount - 32), 0);
  return join((v.low >> amount) | (v.high << (32 - amount)), v.high >> amount);
}

int64_t __ashrdi3(int64_t value, int amount) {
  const halves_t v = split((uint64_t)value);
  const int32_t high = (int32_t)v.high;
  if (amount == 0) return value;
  if (amount >= 32) return (int64_t)join((uint32_t)(high >> (amount - 32)), (uint32_t)(high >> 31));
  return (int64_t)join((v.low >> amount) | (v.high << (32 - amount)), (uint32_t)(high >> amount));
}

uint64_t __muldi3(uint64_t left, uint64_t right) {
  const halves_t a = split(left);
  const halves_t b = split(right);
  const halves_t low = split((uint64_t)a.low * b.low);
  return join(low.low, low.high + a.low * b.high + a.high * b.low);
}

static int leading_zeros(uint32_t value) {
  int count = 32;
  for (; value != 0; value >>= 1) count--;
  return count;
}

/*
 * Schoolbook division, one quotient bit a turn, from the first bit that can be set. When both
 * numbers have 32 bits the machine's own division does it.
 */
static uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *remainder) {
  const halves_t a = split(dividend);
  const halves_t b = split(divisor);
  if (a.high == 0 && b.high == 0) {
    *remainder = a.low % b.low;
    return a.low / b.low;
  }
  if (divisor > dividend) {
    *remainder = dividend;
    return 0;
  }
  const int zeros_a = a.high != 0 ? leading_zeros(a.high) : 32 + leading_zeros(a.low);
  const int zeros_b = b.high != 0 ? leading_zeros(b.high) : 32 + leading_zeros(b.low);
  const int shift = zeros_b - zeros_a;
  uint64_t aligned = __ashldi3(divisor, shift);
  uint64_t quotient = 0;
  for (int bit = 0; bit <= shift; bit++) {
    quotient <<= 1;
    if (dividend >= aligned) {
      dividend -= aligned;
      quotient |= 1;
    }
    aligned >>= 1;
  }
  *remainder = dividend;
  return quotient;
}

static uint64_t magnitude(int64_t value) { return value < 0 ? -(uint64_t)value : (uint64_t)value; }

/*
 * C leaves a division by zero undefined; here it gives what the machine's own instructions give,
 * all ones and the dividend, whatever the width.
 */
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) {
  uint64_t remainder;
  return divisor == 0 ? UINT64_MAX : divide(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor) {
  uint64_t remainder;
  if (divisor == 0) return dividend;
  divide(dividend, divisor, &remainder);
  return remainder;
}

int64_t __divdi3(int64_t dividend, int64_t divisor) {
  if (divisor == 0) return -1;
  const uint64_t quotient = __udivdi3(magnitude(dividend), magnitude(divisor));
  return (int64_t)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor) {
  const uint64_t remainder = __umoddi3(magnitude(dividend), magnitude(divisor));
  return (int64_t)(dividend < 0 ? -remainder : remainder);
}
