/*
 * SHA-256 applied n times to 32 bytes. Public input: n as a little-endian word, then the bytes.
 * Journal: the last digest.
 */
#include "../sha256/sha256.h"
#include "vouch.h"

typedef struct {
  uint32_t repetitions;
  uint8_t seed[SHA256_DIGEST_SIZE];
} problem_t;

int main(void) {
  const uint8_t *input;
  size_t size;
  read_public_input(&input, &size);
  assert(size == sizeof(problem_t));
  const problem_t *problem = (const problem_t *)input;

  _Alignas(4) uint8_t digest[SHA256_DIGEST_SIZE];
  memcpy(digest, problem->seed, sizeof digest);
  for (uint32_t i = 0; i < problem->repetitions; i++) sha256(digest, sizeof digest, digest);
  write_output(digest, sizeof digest);
  return 0;
}
