/* Prints for debugging, then fails as the private input's first byte says. */
#include "vouch.h"

int main(void) {
  const uint8_t *input;
  size_t size;
  read_input(&input, &size);
  debug_printf("%s: %d %u %llx %c%%\n", "text", -5, 7u, 0x123456789abcdefULL, 'x');
  write_output((const uint8_t *)"abcde", 5);
  switch (size == 0 ? 0 : input[0]) {
    case 'a':
      abort();
    case 'f':
      assert(size == 2);
      break;
    case 'e':
      exit(-3);
  }
  return 3;
}
