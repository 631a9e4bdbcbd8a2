#include "sha256.h"

#include <string.h>

#define BLOCK_SIZE 64
#define ROUNDS 64
/** A word of a message, which may be an array of bytes. */
typedef uint32_t __attribute__((may_alias)) word_t;

/** Bytes at the end of the last block that hold the message's length in bits. */
#define LENGTH_SIZE 8

/** FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t ROUND_CONSTANTS[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/** FIPS 180-4, section 5.3.3: the fractional parts of the square roots of the first 8 primes. */
static const uint32_t INITIAL_STATE[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline uint32_t rotate_right(uint32_t x, int bits) {
  return (x >> bits) | (x << (32 - bits));
}

static inline uint32_t swap_bytes(uint32_t x) {
  return (x >> 24) | ((x >> 8) & 0xff00) | ((x << 8) & 0xff0000) | (x << 24);
}

static inline uint32_t sum0(uint32_t x) {
  return rotate_right(x, 2) ^ rotate_right(x, 13) ^ rotate_right(x, 22);
}
static inline uint32_t sum1(uint32_t x) {
  return rotate_right(x, 6) ^ rotate_right(x, 11) ^ rotate_right(x, 25);
}
static inline uint32_t sigma0(uint32_t x) {
  return rotate_right(x, 7) ^ rotate_right(x, 18) ^ (x >> 3);
}
static inline uint32_t sigma1(uint32_t x) {
  return rotate_right(x, 17) ^ rotate_right(x, 19) ^ (x >> 10);
}
static inline uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return z ^ (x & (y ^ z)); }
static inline uint32_t majority(uint32_t x, uint32_t y, uint32_t z) {
  return (x & y) | (z & (x | y));
}

/*
 * One round without moving the eight working variables: the caller rotates their names. `w` is the
 * round's word plus its constant.
 */
#define ROUND(a, b, c, d, e, f, g, h, w)                            \
  do {                                                              \
    const uint32_t t = (h) + sum1(e) + choose(e, f, g) + (w);       \
    (d) += t;                                                       \
    (h) = t + sum0(a) + majority(a, b, c);                          \
  } while (0)

static void fill_schedule(uint32_t schedule[ROUNDS], const word_t block[16]) {
  for (int i = 0; i < 16; i++) schedule[i] = swap_bytes(block[i]);
  for (int i = 16; i < ROUNDS; i++) {
    schedule[i] =
        sigma1(schedule[i - 2]) + schedule[i - 7] + sigma0(schedule[i - 15]) + schedule[i - 16];
  }
}

static void compress(uint32_t state[8], const word_t block[16]) {
  uint32_t schedule[ROUNDS];
  fill_schedule(schedule, block);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < ROUNDS; i += 8) {
    const uint32_t *w = schedule + i;
    const uint32_t *k = ROUND_CONSTANTS + i;
    ROUND(a, b, c, d, e, f, g, h, w[0] + k[0]);
    ROUND(h, a, b, c, d, e, f, g, w[1] + k[1]);
    ROUND(g, h, a, b, c, d, e, f, w[2] + k[2]);
    ROUND(f, g, h, a, b, c, d, e, w[3] + k[3]);
    ROUND(e, f, g, h, a, b, c, d, w[4] + k[4]);
    ROUND(d, e, f, g, h, a, b, c, w[5] + k[5]);
    ROUND(c, d, e, f, g, h, a, b, w[6] + k[6]);
    ROUND(b, c, d, e, f, g, h, a, w[7] + k[7]);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

/** The last one or two blocks: the message's rest, a one bit, zeros, its length in bits. */
static void compress_end(uint32_t state[8], const uint8_t *rest, size_t rest_size, size_t size) {
  uint32_t blocks[2 * BLOCK_SIZE / 4];
  uint8_t *bytes = (uint8_t *)blocks;
  const size_t padded = rest_size < BLOCK_SIZE - LENGTH_SIZE ? BLOCK_SIZE : 2 * BLOCK_SIZE;
  memcpy(bytes, rest, rest_size);
  bytes[rest_size] = 0x80;
  memset(bytes + rest_size + 1, 0, padded - LENGTH_SIZE - rest_size - 1);
  const uint64_t bits = (uint64_t)size * 8;
  uint32_t *length = blocks + (padded - LENGTH_SIZE) / 4;
  length[0] = swap_bytes((uint32_t)(bits >> 32));
  length[1] = swap_bytes((uint32_t)bits);
  compress(state, blocks);
  if (padded > BLOCK_SIZE) compress(state, blocks + BLOCK_SIZE / 4);
}

void sha256(const uint8_t *message, size_t size, uint8_t digest[SHA256_DIGEST_SIZE]) {
  uint32_t state[8];
  memcpy(state, INITIAL_STATE, sizeof state);
  const uint8_t *block = message;
  const uint8_t *end = message + size / BLOCK_SIZE * BLOCK_SIZE;
  for (; block != end; block += BLOCK_SIZE) {
    if (((uintptr_t)block & 3) == 0) {
      compress(state, (const word_t *)block);
    } else {
      uint32_t aligned[BLOCK_SIZE / 4];
      memcpy(aligned, block, BLOCK_SIZE);
      compress(state, aligned);
    }
  }
  compress_end(state, end, size % BLOCK_SIZE, size);
  for (int i = 0; i < 8; i++) state[i] = swap_bytes(state[i]);
  memcpy(digest, state, SHA256_DIGEST_SIZE);
}
