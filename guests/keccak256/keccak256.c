#include "keccak256.h"

#include <string.h>

#define ROUNDS 24
#define LANES 25
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

/** Theta: adds to each lane the parities of two neighbouring columns. */
static inline void theta(uint64_t a[LANES]) {
  uint64_t parity[5];
  for (int x = 0; x < 5; x++) parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
  for (int x = 0; x < 5; x++) {
    const uint64_t d = parity[(x + 4) % 5] ^ rotate_left(parity[(x + 1) % 5], 1);
    for (int y = 0; y < LANES; y += 5) a[x + y] ^= d;
  }
}

/*
 * Rho and pi move every lane but the first along one cycle of 24 places and rotate it on the way:
 * STEP(to, bits) puts the carried lane at `to` and carries on what was there. The rotations are
 * written out because only constant ones are cheap on a 32-bit machine.
 */
#define STEP(to, bits)                  \
  do {                                  \
    const uint64_t next = a[to];        \
    a[to] = rotate_left(carried, bits); \
    carried = next;                     \
  } while (0)

static inline void rho_and_pi(uint64_t a[LANES]) {
  uint64_t carried = a[1];
  STEP(10, 1);
  STEP(7, 3);
  STEP(11, 6);
  STEP(17, 10);
  STEP(18, 15);
  STEP(3, 21);
  STEP(5, 28);
  STEP(16, 36);
  STEP(8, 45);
  STEP(21, 55);
  STEP(24, 2);
  STEP(4, 14);
  STEP(15, 27);
  STEP(23, 41);
  STEP(19, 56);
  STEP(13, 8);
  STEP(12, 25);
  STEP(2, 43);
  STEP(20, 62);
  STEP(14, 18);
  STEP(22, 39);
  STEP(9, 61);
  STEP(6, 20);
  STEP(1, 44);
}

/** Chi: the only non-linear step, within each row. */
static inline void chi(uint64_t a[LANES]) {
  for (int y = 0; y < LANES; y += 5) {
    const uint64_t a0 = a[y], a1 = a[y + 1], a2 = a[y + 2], a3 = a[y + 3], a4 = a[y + 4];
    a[y] = a0 ^ (~a1 & a2);
    a[y + 1] = a1 ^ (~a2 & a3);
    a[y + 2] = a2 ^ (~a3 & a4);
    a[y + 3] = a3 ^ (~a4 & a0);
    a[y + 4] = a4 ^ (~a0 & a1);
  }
}

static void permute(uint64_t a[LANES]) {
  for (int round = 0; round < ROUNDS; round++) {
    theta(a);
    rho_and_pi(a);
    chi(a);
    a[0] ^= ROUND_CONSTANTS[round];
  }
}

/* Lanes are little-endian, as the machine is: a block is added word by word. */
static void absorb(uint64_t state[LANES], const uint32_t block[RATE / 4]) {
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
      absorb(state, (const uint32_t *)message);
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
