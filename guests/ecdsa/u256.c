#include "u256.h"

u256_t u256_from_bytes(const uint8_t big_endian[32]) {
  u256_t number;
  for (int i = 0; i < U256_LIMBS; i++) {
    const uint8_t *bytes = big_endian + 4 * (U256_LIMBS - 1 - i);
    number.limb[i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                     bytes[3];
  }
  return number;
}

bool u256_is_zero(const u256_t *a) {
  for (int i = 0; i < U256_LIMBS; i++) {
    if (a->limb[i] != 0) return false;
  }
  return true;
}

bool u256_equal(const u256_t *a, const u256_t *b) {
  for (int i = 0; i < U256_LIMBS; i++) {
    if (a->limb[i] != b->limb[i]) return false;
  }
  return true;
}

bool u256_less(const u256_t *a, const u256_t *b) {
  for (int i = U256_LIMBS - 1; i >= 0; i--) {
    if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i];
  }
  return false;
}

uint32_t u256_add(u256_t *sum, const u256_t *a, const u256_t *b) {
  uint32_t carry = 0;
#pragma GCC unroll 8
  for (int i = 0; i < U256_LIMBS; i++) {
    const uint32_t partial = a->limb[i] + b->limb[i];
    const uint32_t limb = partial + carry;
    carry = (partial < b->limb[i]) | (limb < partial);
    sum->limb[i] = limb;
  }
  return carry;
}

uint32_t u256_subtract(u256_t *difference, const u256_t *a, const u256_t *b) {
  uint32_t borrow = 0;
#pragma GCC unroll 8
  for (int i = 0; i < U256_LIMBS; i++) {
    const uint32_t minuend = a->limb[i];
    const uint32_t partial = minuend - b->limb[i];
    const uint32_t limb = partial - borrow;
    borrow = (minuend < b->limb[i]) | (partial < borrow);
    difference->limb[i] = limb;
  }
  return borrow;
}

void u256_halve(u256_t *a, uint32_t top_bit) {
  for (int i = 0; i < U256_LIMBS - 1; i++) {
    a->limb[i] = a->limb[i] >> 1 | a->limb[i + 1] << 31;
  }
  a->limb[U256_LIMBS - 1] = a->limb[U256_LIMBS - 1] >> 1 | top_bit << 31;
}

/*
 * Products by columns: column k of the result collects all a_i b_j with i + j = k, in three words,
 * because eight 64-bit products do not fit two. Written out, both factors stay in registers, which
 * makes a product of two limbs eight instructions.
 */
typedef struct {
  uint32_t low, middle, high;
} column_t;

static inline void add_product(column_t *column, uint64_t product) {
  const uint32_t low = (uint32_t)product;
  uint32_t high = (uint32_t)(product >> 32);
  column->low += low;
  high += column->low < low;
  column->middle += high;
  column->high += column->middle < high;
}

/** The column's finished limb; what is left is the next column's beginning. */
static inline uint32_t next_limb(column_t *column) {
  const uint32_t limb = column->low;
  column->low = column->middle;
  column->middle = column->high;
  column->high = 0;
  return limb;
}

#define ONCE(i, j) add_product(&column, (uint64_t)a##i * b##j)
#define TWICE(i, j)                              \
  do {                                           \
    const uint64_t term = (uint64_t)a##i * a##j; \
    add_product(&column, term);                  \
    add_product(&column, term);                  \
  } while (0)
#define SQUARE(i) add_product(&column, (uint64_t)a##i * a##i)
#define LIMB(k) product->limb[k] = next_limb(&column)

#define LOAD(x)                                                                            \
  const uint32_t x##0 = x->limb[0], x##1 = x->limb[1], x##2 = x->limb[2], x##3 = x->limb[3]; \
  const uint32_t x##4 = x->limb[4], x##5 = x->limb[5], x##6 = x->limb[6], x##7 = x->limb[7]

// clang-format off
void u256_multiply(u512_t *product, const u256_t *a, const u256_t *b) {
  LOAD(a);
  LOAD(b);
  column_t column = {0, 0, 0};
  ONCE(0, 0); LIMB(0);
  ONCE(0, 1); ONCE(1, 0); LIMB(1);
  ONCE(0, 2); ONCE(1, 1); ONCE(2, 0); LIMB(2);
  ONCE(0, 3); ONCE(1, 2); ONCE(2, 1); ONCE(3, 0); LIMB(3);
  ONCE(0, 4); ONCE(1, 3); ONCE(2, 2); ONCE(3, 1); ONCE(4, 0); LIMB(4);
  ONCE(0, 5); ONCE(1, 4); ONCE(2, 3); ONCE(3, 2); ONCE(4, 1); ONCE(5, 0); LIMB(5);
  ONCE(0, 6); ONCE(1, 5); ONCE(2, 4); ONCE(3, 3); ONCE(4, 2); ONCE(5, 1); ONCE(6, 0); LIMB(6);
  ONCE(0, 7); ONCE(1, 6); ONCE(2, 5); ONCE(3, 4); ONCE(4, 3); ONCE(5, 2); ONCE(6, 1); ONCE(7, 0);
  LIMB(7);
  ONCE(1, 7); ONCE(2, 6); ONCE(3, 5); ONCE(4, 4); ONCE(5, 3); ONCE(6, 2); ONCE(7, 1); LIMB(8);
  ONCE(2, 7); ONCE(3, 6); ONCE(4, 5); ONCE(5, 4); ONCE(6, 3); ONCE(7, 2); LIMB(9);
  ONCE(3, 7); ONCE(4, 6); ONCE(5, 5); ONCE(6, 4); ONCE(7, 3); LIMB(10);
  ONCE(4, 7); ONCE(5, 6); ONCE(6, 5); ONCE(7, 4); LIMB(11);
  ONCE(5, 7); ONCE(6, 6); ONCE(7, 5); LIMB(12);
  ONCE(6, 7); ONCE(7, 6); LIMB(13);
  ONCE(7, 7); LIMB(14);
  LIMB(15);
}

void u256_square(u512_t *product, const u256_t *a) {
  LOAD(a);
  column_t column = {0, 0, 0};
  SQUARE(0); LIMB(0);
  TWICE(0, 1); LIMB(1);
  TWICE(0, 2); SQUARE(1); LIMB(2);
  TWICE(0, 3); TWICE(1, 2); LIMB(3);
  TWICE(0, 4); TWICE(1, 3); SQUARE(2); LIMB(4);
  TWICE(0, 5); TWICE(1, 4); TWICE(2, 3); LIMB(5);
  TWICE(0, 6); TWICE(1, 5); TWICE(2, 4); SQUARE(3); LIMB(6);
  TWICE(0, 7); TWICE(1, 6); TWICE(2, 5); TWICE(3, 4); LIMB(7);
  TWICE(1, 7); TWICE(2, 6); TWICE(3, 5); SQUARE(4); LIMB(8);
  TWICE(2, 7); TWICE(3, 6); TWICE(4, 5); LIMB(9);
  TWICE(3, 7); TWICE(4, 6); SQUARE(5); LIMB(10);
  TWICE(4, 7); TWICE(5, 6); LIMB(11);
  TWICE(5, 7); SQUARE(6); LIMB(12);
  TWICE(6, 7); LIMB(13);
  SQUARE(7); LIMB(14);
  LIMB(15);
}
// clang-format on
