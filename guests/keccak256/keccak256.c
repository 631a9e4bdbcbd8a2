#include "keccak256.h"

#include <string.h>

#define ROUNDS 24
#define LANES 25
/** A word of a message, which may be an array of bytes. */
typedef uint32_t __attribute__((may_alias)) word_t;

/** Bytes of message for each permutation: 1600 bits less twice the digest. */
#define RATE (200 - 2 * KECCAK256_DIGEST_SIZE)
/** Keccak's own padding begins with a one bit and no domain bits; FIPS 202 has 0x06. */
#define FIRST_PADDING_BYTE 0x01
#define LAST_PADDING_BYTE 0x80

/** Iota: the constants of the Keccak reference, section 1.2 (and FIPS 202, section 3.2.5). */
static const uint64_t ROUND_CONSTANTS[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static inline uint64_t rotate_left(uint64_t x, int bits) {
  return (x << bits) | (x >> (64 - bits));
}

/*
 * Theta adds to each lane the parities of two neighbouring columns; rho rotates every lane by its
 * own amount; pi moves it to another place. Lane (x, y) is a[x + 5 y]. Written out, because only
 * rotations by constants are cheap on a 32-bit machine.
 */
static inline void theta_rho_pi(uint64_t b[LANES], const uint64_t a[LANES]) {
  uint64_t parity[5];
  uint64_t d[5];
#pragma GCC unroll 5
  for (int x = 0; x < 5; x++) parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 5
  for (int x = 0; x < 5; x++) d[x] = parity[(x + 4) % 5] ^ rotate_left(parity[(x + 1) % 5], 1);
  b[0] = a[0] ^ d[0];
  b[1] = rotate_left(a[6] ^ d[1], 44);
  b[2] = rotate_left(a[12] ^ d[2], 43);
  b[3] = rotate_left(a[18] ^ d[3], 21);
  b[4] = rotate_left(a[24] ^ d[4], 14);
  b[5] = rotate_left(a[3] ^ d[3], 28);
  b[6] = rotate_left(a[9] ^ d[4], 20);
  b[7] = rotate_left(a[10] ^ d[0], 3);
  b[8] = rotate_left(a[16] ^ d[1], 45);
  b[9] = rotate_left(a[22] ^ d[2], 61);
  b[10] = rotate_left(a[1] ^ d[1], 1);
  b[11] = rotate_left(a[7] ^ d[2], 6);
  b[12] = rotate_left(a[13] ^ d[3], 25);
  b[13] = rotate_left(a[19] ^ d[4], 8);
  b[14] = rotate_left(a[20] ^ d[0], 18);
  b[15] = rotate_left(a[4] ^ d[4], 27);
  b[16] = rotate_left(a[5] ^ d[0], 36);
  b[17] = rotate_left(a[11] ^ d[1], 10);
  b[18] = rotate_left(a[17] ^ d[2], 15);
  b[19] = rotate_left(a[23] ^ d[3], 56);
  b[20] = rotate_left(a[2] ^ d[2], 62);
  b[21] = rotate_left(a[8] ^ d[3], 55);
  b[22] = rotate_left(a[14] ^ d[4], 39);
  b[23] = rotate_left(a[15] ^ d[0], 41);
  b[24] = rotate_left(a[21] ^ d[1], 2);
}

/** Chi: the only non-linear step, within each row. */
static inline void chi(uint64_t a[LANES], const uint64_t b[LANES]) {
  for (int y = 0; y < LANES; y += 5) {
    const uint64_t b0 = b[y], b1 = b[y + 1], b2 = b[y + 2], b3 = b[y + 3], b4 = b[y + 4];
    a[y] = b0 ^ (~b1 & b2);
    a[y + 1] = b1 ^ (~b2 & b3);
    a[y + 2] = b2 ^ (~b3 & b4);
    a[y + 3] = b3 ^ (~b4 & b0);
    a[y + 4] = b4 ^ (~b0 & b1);
  }
}

static void permute(uint64_t a[LANES]) {
  uint64_t b[LANES];
  for (int round = 0; round < ROUNDS; round++) {
    theta_rho_pi(b, a);
    chi(a, b);
    a[0] ^= ROUND_CONSTANTS[round];
  }
}

/* Lanes are little-endian, as the machine is: a block is added word by word. */
static void absorb(uint64_t state[LANES], const word_t block[RATE / 4]) {
  for (int i = 0; i < RATE / 8; i++) {
    state[i] ^= block[2 * i] | ((uint64_t)block[2 * i + 1] << 32);
  }
  permute(state);
}

void keccak256(const uint8_t *message, size_t size, uint8_t digest[KECCAK256_DIGEST_SIZE]) {
  uint64_t state[LANES] = {0};
  uint32_t block[RATE / 4];
  for (; size >= RATE; message += RATE, size -= RATE) {
    if (((uintptr_t)message & 3) == 0) {
      absorb(state, (const word_t *)message);
    } else {
      memcpy(block, message, RATE);
      absorb(state, block);
    }
  }
  uint8_t *bytes = (uint8_t *)block;
  memset(block, 0, RATE);
  memcpy(block, message, size);
  bytes[size] = FIRST_PADDING_BYTE;
  bytes[RATE - 1] |= LAST_PADDING_BYTE;
  absorb(state, block);
  memcpy(digest, state, KECCAK256_DIGEST_SIZE);
}
