/* Keccak-256 of the private input. Journal: the digest. */
#include "keccak256.h"
#include "vouch.h"

int main(void) {
  const uint8_t *message;
  size_t size;
  read_input(&message, &size);
  _Alignas(4) uint8_t digest[KECCAK256_DIGEST_SIZE];
  keccak256(message, size, digest);
  write_output(digest, sizeof digest);
  return 0;
}
