/*
 * The field of secp256k1: integers modulo p = 2^256 - 2^32 - 977 (SEC 2, section 2.4.1).
 * Every element is below p, so equal elements have equal limbs.
 */
#ifndef FIELD_H
#define FIELD_H

#include "u256.h"

/** p */
extern const u256_t FIELD_MODULUS;

/* Results may be the operands. */
void field_add(u256_t *sum, const u256_t *a, const u256_t *b);
void field_subtract(u256_t *difference, const u256_t *a, const u256_t *b);
void field_multiply(u256_t *product, const u256_t *a, const u256_t *b);
void field_square(u256_t *square, const u256_t *a);

#endif
