/* 256-bit numbers: what the field and the scalars share. */
#ifndef U256_H
#define U256_H

#include <stdbool.h>
#include <stdint.h>

#define U256_LIMBS 8

/** Sum of limb[i] * 2^(32 i). */
typedef struct {
  uint32_t limb[U256_LIMBS];
} u256_t;

/** Sum of limb[i] * 2^(32 i): a product. */
typedef struct {
  uint32_t limb[2 * U256_LIMBS];
} u512_t;

u256_t u256_from_bytes(const uint8_t big_endian[32]);

bool u256_is_zero(const u256_t *a);
bool u256_equal(const u256_t *a, const u256_t *b);
bool u256_less(const u256_t *a, const u256_t *b);

/** sum = a + b mod 2^256; returns the carry. Results may be the operands, here and below. */
uint32_t u256_add(u256_t *sum, const u256_t *a, const u256_t *b);

/** difference = a - b mod 2^256; returns the borrow. */
uint32_t u256_subtract(u256_t *difference, const u256_t *a, const u256_t *b);

/** a = (a + 2^256 top_bit) / 2, rounded down. */
void u256_halve(u256_t *a, uint32_t top_bit);

void u256_multiply(u512_t *product, const u256_t *a, const u256_t *b);
void u256_square(u512_t *product, const u256_t *a);

#endif
