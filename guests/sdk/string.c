/*
 * Memory and string functions.
 *
 * Words instead of bytes wherever both sides allow it: every instruction is a row of the proof.
 * Compiled with -fno-tree-loop-distribute-patterns, or the compiler would replace the loops by
 * calls of the very functions that they implement.
 */
#include <stdint.h>
#include <string.h>

/** A word of memory, whatever the type of the object there. */
typedef uint32_t __attribute__((may_alias)) word_t;

static size_t bytes_to_alignment(const void *pointer) { return -(uintptr_t)pointer & 3; }

static int is_aligned(const void *pointer) { return ((uintptr_t)pointer & 3) == 0; }

static void copy_aligned(word_t *to, const word_t *from, size_t words) {
  for (; words >= 8; words -= 8, to += 8, from += 8) {
    const word_t a = from[0], b = from[1], c = from[2], d = from[3];
    const word_t e = from[4], f = from[5], g = from[6], h = from[7];
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
    to[4] = e, to[5] = f, to[6] = g, to[7] = h;
  }
  while (words-- > 0) *to++ = *from++;
}

/*
 * Source words straddle two aligned words of memory: load aligned words and shift. Each aligned
 * word loaded contains a byte of the source, so no foreign word is touched.
 */
static void copy_shifted(word_t *to, const unsigned char *from, size_t words) {
  const unsigned offset = (uintptr_t)from & 3;
  const unsigned down = 8 * offset;
  const unsigned up = 32 - down;
  const word_t *next = (const word_t *)(from - offset);
  word_t low = *next++ >> down;
  while (words-- > 0) {
    const word_t word = *next++;
    *to++ = low | (word << up);
    low = word >> down;
  }
}

/* Upwards: also right for overlapping memory whose target lies below its source. */
static void copy_forwards(unsigned char *to, const unsigned char *from, size_t size) {
  if (size >= 16) {
    size_t head = bytes_to_alignment(to);
    size -= head;
    while (head-- > 0) *to++ = *from++;
    const size_t words = size / 4;
    if (is_aligned(from)) copy_aligned((word_t *)to, (const word_t *)from, words);
    else copy_shifted((word_t *)to, from, words);
    to += 4 * words;
    from += 4 * words;
    size &= 3;
  }
  while (size-- > 0) *to++ = *from++;
}

static void copy_backwards(unsigned char *to, const unsigned char *from, size_t size) {
  to += size;
  from += size;
  if (((uintptr_t)to & 3) == ((uintptr_t)from & 3)) {
    for (; size > 0 && !is_aligned(to); size--) *--to = *--from;
    for (; size >= 4; size -= 4) {
      to -= 4;
      from -= 4;
      *(word_t *)to = *(const word_t *)from;
    }
  }
  while (size-- > 0) *--to = *--from;
}

void *memcpy(void *restrict destination, const void *restrict source, size_t size) {
  copy_forwards(destination, source, size);
  return destination;
}

void *memmove(void *destination, const void *source, size_t size) {
  const uintptr_t distance = (uintptr_t)destination - (uintptr_t)source;
  if (distance >= size) copy_forwards(destination, source, size);
  else copy_backwards(destination, source, size);
  return destination;
}

void *memset(void *destination, int value, size_t size) {
  unsigned char *to = destination;
  if (size >= 16) {
    size_t head = bytes_to_alignment(to);
    size -= head;
    while (head-- > 0) *to++ = (unsigned char)value;
    const word_t word = (unsigned char)value * 0x01010101u;
    word_t *next = (word_t *)to;
    for (; size >= 32; size -= 32, next += 8) {
      next[0] = word, next[1] = word, next[2] = word, next[3] = word;
      next[4] = word, next[5] = word, next[6] = word, next[7] = word;
    }
    for (; size >= 4; size -= 4) *next++ = word;
    to = (unsigned char *)next;
  }
  while (size-- > 0) *to++ = (unsigned char)value;
  return destination;
}

int memcmp(const void *left, const void *right, size_t size) {
  const unsigned char *a = left;
  const unsigned char *b = right;
  if (is_aligned(a) && is_aligned(b)) {
    for (; size >= 4 && *(const word_t *)a == *(const word_t *)b; size -= 4) {
      a += 4;
      b += 4;
    }
  }
  for (; size > 0; size--, a++, b++) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

void *memchr(const void *memory, int value, size_t size) {
  const unsigned char *byte = memory;
  for (; size > 0; size--, byte++) {
    if (*byte == (unsigned char)value) return (void *)byte;
  }
  return NULL;
}

size_t strlen(const char *string) {
  const char *end = string;
  while (*end != 0) end++;
  return (size_t)(end - string);
}

int strcmp(const char *left, const char *right) {
  while (*left != 0 && *left == *right) {
    left++;
    right++;
  }
  return (unsigned char)*left - (unsigned char)*right;
}

int strncmp(const char *left, const char *right, size_t size) {
  for (; size > 0; size--, left++, right++) {
    if (*left != *right) return (unsigned char)*left - (unsigned char)*right;
    if (*left == 0) break;
  }
  return 0;
}

char *strchr(const char *string, int character) {
  for (; *string != (char)character; string++) {
    if (*string == 0) return NULL;
  }
  return (char *)string;
}

char *strcpy(char *restrict destination, const char *restrict source) {
  char *to = destination;
  while ((*to++ = *source++) != 0) continue;
  return destination;
}
