/* Indirect jumps: switch tables, function pointers, callbacks, computed gotos. */
#include "programs.h"

typedef uint32_t (*operation)(uint32_t, uint32_t);

static uint32_t sum(uint32_t a, uint32_t b) { return a + b; }
static uint32_t difference(uint32_t a, uint32_t b) { return a - b; }
static uint32_t product(uint32_t a, uint32_t b) { return a * b; }
static uint32_t minimum(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t signed_minimum(uint32_t a, uint32_t b) { return (int32_t)a < (int32_t)b ? a : b; }
static const operation OPERATIONS[] = {sum, difference, product, minimum, signed_minimum};

__attribute__((noinline)) static uint32_t switched(uint32_t choice, uint32_t a) {
  switch (choice) {
    case 0: return a + 17;
    case 1: return a ^ 0x5555;
    case 2: return a * a;
    case 3: return a << 3;
    case 4: return a >> 5;
    case 5: return ~a;
    case 6: return a % 1009;
    case 7: return a / 13;
    case 8: a += 3; /* fall through */
    case 9: return a - 100;
    case 1000: return 1;
    case 0x7fffffff: return 2;
    case 0xffffffff: return 3;
    default: return a + choice;
  }
}

static void sort(uint32_t *values, size_t count, bool (*before)(uint32_t, uint32_t)) {
  for (size_t i = 1; i < count; i++) {
    const uint32_t value = values[i];
    size_t at = i;
    for (; at > 0 && before(value, values[at - 1]); at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

static bool ascending(uint32_t a, uint32_t b) { return a < b; }
static bool signed_descending(uint32_t a, uint32_t b) { return (int32_t)a > (int32_t)b; }

/* A small stack machine whose program is bytes. */
static uint32_t interpreted(const uint8_t *code) {
  static const void *const TARGETS[] = {&&push, &&add, &&multiply, &&negate, &&duplicate, &&stop};
  uint32_t stack[16];
  uint32_t *top = stack;
  goto *TARGETS[*code++];
push:
  *top++ = *code++;
  goto *TARGETS[*code++];
add:
  top--;
  top[-1] += top[0];
  goto *TARGETS[*code++];
multiply:
  top--;
  top[-1] *= top[0];
  goto *TARGETS[*code++];
negate:
  top[-1] = -top[-1];
  goto *TARGETS[*code++];
duplicate:
  top[0] = top[-1];
  top++;
  goto *TARGETS[*code++];
stop:
  return top[-1];
}

int dispatch(void) {
  static const uint32_t FAR[] = {1000, 0x7fffffff, 0xffffffff, 0x80000000};
  static const uint8_t CODE[] = {0, 7, 0, 9, 2, 4, 2, 3, 0, 200, 1, 4, 4, 2, 1, 5};
  uint32_t values[EDGE_COUNT];
  uint32_t state = 99;
  for (int i = 0; i < 400; i++) {
    const uint32_t a = next_random(&state);
    const uint32_t b = next_random(&state);
    emit32(OPERATIONS[(a >> 16) % 5](a, b));
    emit32(switched((b >> 8) % 14, a));
  }
  for (size_t i = 0; i < 4; i++) emit32(switched(opaque(FAR[i]), 5));
  memcpy(values, EDGES, sizeof EDGES);
  sort(values, EDGE_COUNT, signed_descending);
  emit_bytes(values, sizeof values);
  sort(values, EDGE_COUNT, ascending);
  emit_bytes(values, sizeof values);
  emit32(interpreted(CODE));
  return 5;
}
