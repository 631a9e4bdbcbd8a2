#include "field.h"

#define ALL_ONES 0xffffffffu
/** p = 2^256 - 2^32 - EXCESS, so 2^256 may be replaced by 2^32 + EXCESS. */
#define EXCESS 977u

const u256_t FIELD_MODULUS = {
    {-EXCESS, ALL_ONES - 1, ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES}};

/** Adds amount * (2^32 + EXCESS), amount < 2^35; returns the carry out of 2^256. */
static uint32_t add_excess(u256_t *a, uint64_t amount) {
  uint64_t sum = a->limb[0] + EXCESS * amount;
  a->limb[0] = (uint32_t)sum;
  sum = (sum >> 32) + a->limb[1] + amount;
  a->limb[1] = (uint32_t)sum;
  uint32_t carry = (uint32_t)(sum >> 32);
  for (int i = 2; i < U256_LIMBS && carry != 0; i++) {
    a->limb[i] += carry;
    carry = a->limb[i] < carry;
  }
  return carry;
}

/* Nearly every number fails at the first comparison. */
static inline bool is_reduced(const u256_t *a) {
  for (int i = U256_LIMBS - 1; i >= 2; i--) {
    if (a->limb[i] != ALL_ONES) return true;
  }
  return u256_less(a, &FIELD_MODULUS);
}

/** Brings a + 2^256 carry, which is below 2p, below p. */
static inline void reduce_once(u256_t *a, uint32_t carry) {
  if (carry != 0 || !is_reduced(a)) add_excess(a, 1);
}

/*
 * Folds the upper half down: it counts multiples of 2^256, that is of 2^32 + EXCESS. What then lies
 * above 2^256 is below 2^34 and is folded the same way; a carry from that leaves almost nothing
 * below it, so the third time is the last.
 */
static void reduce(u256_t *result, const u512_t *product) {
  const uint32_t *low = product->limb;
  const uint32_t *high = product->limb + U256_LIMBS;
  uint64_t sum = low[0] + (uint64_t)EXCESS * high[0];
  result->limb[0] = (uint32_t)sum;
#pragma GCC unroll 8
  for (int i = 1; i < U256_LIMBS; i++) {
    sum = (sum >> 32) + low[i] + (uint64_t)EXCESS * high[i] + high[i - 1];
    result->limb[i] = (uint32_t)sum;
  }
  const uint64_t above = (sum >> 32) + high[U256_LIMBS - 1];
  reduce_once(result, add_excess(result, above));
}

void field_add(u256_t *sum, const u256_t *a, const u256_t *b) {
  reduce_once(sum, u256_add(sum, a, b));
}

void field_subtract(u256_t *difference, const u256_t *a, const u256_t *b) {
  if (u256_subtract(difference, a, b) != 0) u256_add(difference, difference, &FIELD_MODULUS);
}

void field_multiply(u256_t *product, const u256_t *a, const u256_t *b) {
  u512_t wide;
  u256_multiply(&wide, a, b);
  reduce(product, &wide);
}

void field_square(u256_t *square, const u256_t *a) {
  u512_t wide;
  u256_square(&wide, a);
  reduce(square, &wide);
}
