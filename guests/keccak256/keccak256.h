/* Keccak-256 as Ethereum uses it: SHA3-256 of FIPS 202 but for the padding's first byte. */
#ifndef KECCAK256_H
#define KECCAK256_H

#include <stddef.h>
#include <stdint.h>

#define KECCAK256_DIGEST_SIZE 32

/** Writes the digest of `size` bytes. Word-aligned messages are fastest. */
void keccak256(const uint8_t *message, size_t size, uint8_t digest[KECCAK256_DIGEST_SIZE]);

#endif
