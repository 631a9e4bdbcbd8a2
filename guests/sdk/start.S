/*
 * Where a guest begins: the machine starts with every register zero and pc at _start.
 * gp serves the short addresses that the linker makes of nearby variables; sp grows down.
 */
#include "vouch_memory_map.h"

  .section .text.start, "ax", @progbits
  .globl _start
  .type _start, @function
_start:
  .option push
  .option norelax
  la gp, __global_pointer$
  .option pop
  li sp, VOUCH_STACK_END
  call main
  tail vouch_exit
  .size _start, . - _start
