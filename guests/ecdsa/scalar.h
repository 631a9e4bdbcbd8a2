/*
 * Scalars of secp256k1: integers modulo the group's order n (SEC 2, section 2.4.1), kept below n.
 */
#ifndef SCALAR_H
#define SCALAR_H

#include "u256.h"

/** n */
extern const u256_t SCALAR_MODULUS;

/** a mod n, for any 256-bit number. */
u256_t scalar_reduce(u256_t a);

u256_t scalar_multiply(const u256_t *a, const u256_t *b);

/** 1 / a mod n; a is not 0. Takes a time that depends on a: here nothing is secret from the prover. */
u256_t scalar_invert(const u256_t *a);

#endif
