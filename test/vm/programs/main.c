/* Runs the program whose number is the first byte of the private input. */
#include "programs.h"

static int (*const PROGRAMS[])(void) = {
    arithmetic64,        division,       shifts, recursion,   structs,          dispatch, copies,
    soft_multiplication, floating_point, heap,   conversions, failed_assertion,
};

int main(void) {
  const uint8_t *input;
  size_t size;
  read_input(&input, &size);
  if (size < 1 || input[0] >= sizeof PROGRAMS / sizeof PROGRAMS[0]) return 255;
  return PROGRAMS[input[0]]();
}
