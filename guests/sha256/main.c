/* SHA-256 of the private input: "I know a message with this digest". Journal: the digest. */
#include "sha256.h"
#include "vouch.h"

int main(void) {
  const uint8_t *message;
  size_t size;
  read_input(&message, &size);
  _Alignas(4) uint8_t digest[SHA256_DIGEST_SIZE];
  sha256(message, size, digest);
  write_output(digest, sizeof digest);
  return 0;
}
