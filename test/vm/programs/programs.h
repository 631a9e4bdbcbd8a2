/* What the test programs share: output of numbers, and operands that compilers cannot foresee. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "vouch.h"

/* Each writes its results and returns the exit code. */
int arithmetic64(void);
int division(void);
int shifts(void);
int recursion(void);
int structs(void);
int dispatch(void);
int copies(void);
int soft_multiplication(void);
int floating_point(void);
int heap(void);
int conversions(void);
int failed_assertion(void);

static inline void emit32(uint32_t value) { write_output((const uint8_t *)&value, 4); }

static inline void emit64(uint64_t value) {
  emit32((uint32_t)value);
  emit32((uint32_t)(value >> 32));
}

static inline void emit_bytes(const void *bytes, size_t size) {
  write_output((const uint8_t *)bytes, size);
}

/* X <- 1664525 X + 1013904223 */
static inline uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state;
}

/* Hides a value from the optimiser. */
static inline uint32_t opaque(uint32_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

static const uint32_t EDGES[] = {0,          1,          2,          3,          0x7f,
                                 0x80,       0xff,       0x7fff,     0x8000,     0xffff,
                                 0x10000,    0x55555555, 0xaaaaaaaa, 0x7fffffff, 0x80000000,
                                 0x80000001, 0xfffffffe, 0xffffffff};
#define EDGE_COUNT (sizeof EDGES / sizeof EDGES[0])

#endif
