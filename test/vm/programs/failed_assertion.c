/* An assertion that fails after some output. */
#include "programs.h"

int failed_assertion(void) {
  emit_bytes("before", 6);
  assert(opaque(1) == 2);
  emit_bytes("never", 5);
  return 0;
}
