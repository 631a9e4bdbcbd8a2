#include "scalar.h"

const u256_t SCALAR_MODULUS = {{0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6, 0xfffffffe,
                                0xffffffff, 0xffffffff, 0xffffffff}};

/** 2^256 - n, which may replace 2^256; it has 129 bits. */
static const u256_t EXCESS = {{0x2fc9bebf, 0x402da173, 0x50b75fc4, 0x45512319, 1, 0, 0, 0}};

static const u256_t ONE = {{1}};

/* n is above 2^255: one subtraction is enough. */
u256_t scalar_reduce(u256_t a) {
  if (!u256_less(&a, &SCALAR_MODULUS)) u256_subtract(&a, &a, &SCALAR_MODULUS);
  return a;
}

/* Folds the upper half down, as multiples of EXCESS, until nothing is above 2^256. */
u256_t scalar_multiply(const u256_t *a, const u256_t *b) {
  u512_t wide;
  u256_multiply(&wide, a, b);
  u256_t low;
  u256_t high;
  for (;;) {
    for (int i = 0; i < U256_LIMBS; i++) {
      low.limb[i] = wide.limb[i];
      high.limb[i] = wide.limb[U256_LIMBS + i];
    }
    if (u256_is_zero(&high)) return scalar_reduce(low);
    u256_multiply(&wide, &high, &EXCESS);
    uint32_t carry = 0;
    for (int i = 0; i < U256_LIMBS; i++) {
      const uint64_t sum = (uint64_t)wide.limb[i] + low.limb[i] + carry;
      wide.limb[i] = (uint32_t)sum;
      carry = (uint32_t)(sum >> 32);
    }
    for (int i = U256_LIMBS; carry != 0; i++) {
      wide.limb[i] += carry;
      carry = wide.limb[i] == 0;
    }
  }
}

static bool is_even(const u256_t *a) { return (a->limb[0] & 1) == 0; }

/** a / 2 mod n. */
static void halve(u256_t *a) {
  const uint32_t carry = is_even(a) ? 0 : u256_add(a, a, &SCALAR_MODULUS);
  u256_halve(a, carry);
}

static void subtract(u256_t *a, const u256_t *b) {
  if (u256_subtract(a, a, b) != 0) u256_add(a, a, &SCALAR_MODULUS);
}

/*
 * Binary extended Euclid (Guide to Elliptic Curve Cryptography, algorithm 2.22): u and v shrink to
 * 1 while x a = u and y a = v mod n hold.
 */
u256_t scalar_invert(const u256_t *a) {
  u256_t u = *a;
  u256_t v = SCALAR_MODULUS;
  u256_t x = ONE;
  u256_t y = {{0}};
  for (;;) {
    for (; is_even(&u); halve(&x)) u256_halve(&u, 0);
    if (u256_equal(&u, &ONE)) return x;
    for (; is_even(&v); halve(&y)) u256_halve(&v, 0);
    if (u256_equal(&v, &ONE)) return y;
    if (u256_less(&u, &v)) {
      u256_subtract(&v, &v, &u);
      subtract(&y, &x);
    } else {
      u256_subtract(&u, &u, &v);
      subtract(&x, &y);
    }
  }
}
