/*
 * Verifies an ECDSA signature over secp256k1 (SEC 1, section 4.1.4).
 *
 * Public input: hash (32 bytes), r (32), s (32), public key x (32), y (32), all big-endian.
 * Journal: one byte, 1 if the signature is valid, else 0. Other input sizes abort.
 */
#include "point.h"
#include "scalar.h"
#include "vouch.h"

typedef struct {
  uint8_t hash[32];
  uint8_t r[32];
  uint8_t s[32];
  uint8_t key_x[32];
  uint8_t key_y[32];
} signature_t;

/** 0 < a < n */
static bool is_valid_scalar(const u256_t *a) {
  return !u256_is_zero(a) && u256_less(a, &SCALAR_MODULUS);
}

static bool verify(const signature_t *signature) {
  const u256_t r = u256_from_bytes(signature->r);
  const u256_t s = u256_from_bytes(signature->s);
  if (!is_valid_scalar(&r) || !is_valid_scalar(&s)) return false;

  const u256_t x = u256_from_bytes(signature->key_x);
  const u256_t y = u256_from_bytes(signature->key_y);
  point_t key;
  if (!point_from_affine(&key, &x, &y)) return false;

  const u256_t message = scalar_reduce(u256_from_bytes(signature->hash));
  const u256_t inverse = scalar_invert(&s);
  const u256_t for_generator = scalar_multiply(&message, &inverse);
  const u256_t for_key = scalar_multiply(&r, &inverse);
  const point_t sum = point_multiply_twice(&for_generator, &for_key, &key);
  return !point_is_infinity(&sum) && point_has_x_modulo_n(&sum, &r);
}

int main(void) {
  const uint8_t *input;
  size_t size;
  read_public_input(&input, &size);
  assert(size == sizeof(signature_t));
  const uint8_t valid = verify((const signature_t *)input);
  write_output(&valid, sizeof valid);
  return 0;
}
