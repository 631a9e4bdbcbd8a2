/* Input, journal and the end of a run, by the machine's host calls. */
#include "vouch.h"
#include "vouch_memory_map.h"

/** A word of memory, whatever the type of the object there. */
typedef uint32_t __attribute__((may_alias)) word_t;

/** Journal bytes that do not fill a word yet, from the low byte up. */
static uint32_t pending;
/** Bits of `pending` in use: 0, 8, 16 or 24. */
static uint32_t pending_bits;
/** Bytes written so far. */
static size_t journal_size;

/* The result of a host call's register reads is visible to the host only, hence `volatile`. */
static inline void commit(uint32_t word) {
  register uint32_t a0 __asm__("a0") = word;
  register uint32_t a7 __asm__("a7") = VOUCH_HOST_CALL_COMMIT;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a7));
}

static void read_region(uintptr_t start, const uint8_t **buf_ptr, size_t *buf_size) {
  *buf_size = *(const uint32_t *)start;
  *buf_ptr = (const uint8_t *)(start + VOUCH_INPUT_HEADER_BYTES);
}

void read_input(const uint8_t **buf_ptr, size_t *buf_size) {
  read_region(VOUCH_PRIVATE_INPUT_START, buf_ptr, buf_size);
}

void read_public_input(const uint8_t **buf_ptr, size_t *buf_size) {
  read_region(VOUCH_PUBLIC_INPUT_START, buf_ptr, buf_size);
}

static void write_bytes(const uint8_t *source, const uint8_t *end) {
  for (; source != end; source++) {
    pending |= (uint32_t)*source << pending_bits;
    pending_bits += 8;
    if (pending_bits == 32) {
      commit(pending);
      pending = 0;
      pending_bits = 0;
    }
  }
}

/** Whole words while nothing is pending: two instructions a word, eight words a turn. */
static const word_t *write_words(const word_t *word, size_t count) {
  for (const word_t *last = word + (count & ~(size_t)7); word != last; word += 8) {
    commit(word[0]);
    commit(word[1]);
    commit(word[2]);
    commit(word[3]);
    commit(word[4]);
    commit(word[5]);
    commit(word[6]);
    commit(word[7]);
  }
  for (const word_t *last = word + (count & 7); word != last; word++) commit(*word);
  return word;
}

/** Whole words behind 1 to 3 pending bytes: each journal word is put together from two. */
static const word_t *write_shifted_words(const word_t *word, size_t count) {
  const uint32_t up = pending_bits;
  const uint32_t down = 32 - up;
  uint32_t low = pending;
  for (const word_t *last = word + count; word != last; word++) {
    commit(low | (*word << up));
    low = *word >> down;
  }
  pending = low;
  return word;
}

void write_output(const uint8_t *output, size_t size) {
  const uint8_t *end = output + size;
  journal_size += size;

  const size_t unaligned = -(uintptr_t)output & 3;
  const uint8_t *aligned = unaligned < size ? output + unaligned : end;
  write_bytes(output, aligned);

  const word_t *word = (const word_t *)aligned;
  const size_t count = (size_t)(end - aligned) / 4;
  word = pending_bits == 0 ? write_words(word, count) : write_shifted_words(word, count);
  write_bytes((const uint8_t *)word, end);
}

_Noreturn void vouch_exit(int code) {
  if (pending_bits != 0) commit(pending);
  register int a0 __asm__("a0") = code;
  register size_t a1 __asm__("a1") = journal_size;
  register uint32_t a7 __asm__("a7") = VOUCH_HOST_CALL_HALT;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a1), "r"(a7));
  __builtin_trap();
}

_Noreturn void exit(int code) { vouch_exit(code); }

_Noreturn void vouch_abort(const char *reason) {
  register const char *a0 __asm__("a0") = reason;
  __asm__ volatile("slti x0, x0, %1" : : "r"(a0), "i"(VOUCH_ABORT_CAUSE_HINT) : "memory");
  vouch_exit(VOUCH_EXIT_CODE_ABORT);
}

_Noreturn void abort(void) { vouch_abort("abort() was called"); }

/*
 * On RISC-V a va_list is a pointer to the arguments as they lie in memory, in words, with 64-bit
 * arguments at multiples of 8 (RISC-V ELF psABI, "Integer Calling Convention").
 */
void vouch_debug_printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  register const char *a0 __asm__("a0") = format;
  register void *a1 __asm__("a1") = (void *)arguments;
  __asm__ volatile("slti x0, x0, %2" : : "r"(a0), "r"(a1), "i"(VOUCH_DEBUG_PRINT_HINT) : "memory");
  va_end(arguments);
}
