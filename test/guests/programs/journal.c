/*
 * Writes the private input to the journal in pieces. The public input says how: bytes, each the
 * size of the next piece; the last size repeats until the input is used up.
 */
#include "vouch.h"

int main(void) {
  const uint8_t *data, *sizes;
  size_t size, count;
  read_input(&data, &size);
  read_public_input(&sizes, &count);
  size_t piece = 0;
  for (size_t written = 0; written < size;) {
    const size_t wanted = sizes[piece];
    const size_t taken = wanted < size - written ? wanted : size - written;
    write_output(data + written, taken);
    written += taken;
    if (piece + 1 < count) piece++;
  }
  return 7;
}
