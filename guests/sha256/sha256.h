/* SHA-256 (FIPS 180-4). */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_DIGEST_SIZE 32

/** Writes the digest of `size` bytes. Word-aligned messages are fastest. */
void sha256(const uint8_t *message, size_t size, uint8_t digest[SHA256_DIGEST_SIZE]);

#endif
