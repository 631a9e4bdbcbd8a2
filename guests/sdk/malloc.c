/*
 * Memory from the heap, linked only into guests that ask for it.
 *
 * Blocks have 2^k bytes. A free block waits in the list of its size; a new one is cut from the
 * untouched end of the heap. Both take a handful of instructions, and no block is ever split or
 * joined: a proof pays for instructions and touched words, hardly for address space.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** Every address from malloc is a multiple of this (max_align_t of the ilp32 ABI). */
#define ALIGNMENT 16u
#define SMALLEST_CLASS 4u
#define CLASSES 31u

/** In front of a block's payload; the payload of a free block holds the next free one. */
struct header {
  uint32_t class;
};

#define HEADER sizeof(struct header)

extern char __heap_start[], __heap_end[];

/** First payload of each size's free blocks. */
static void *free_blocks[CLASSES];
/** Where the next block begins; 0 before the first call. A payload lies HEADER bytes behind. */
static uintptr_t heap_top;

/** Smallest k with 2^k >= size + header. */
static uint32_t class_of(size_t size) {
  uint32_t class = SMALLEST_CLASS;
  while (((size_t)1 << class) - HEADER < size) class++;
  return class;
}

static struct header *header_of(void *payload) { return (struct header *)payload - 1; }

static void *cut_block(uint32_t class) {
  if (heap_top == 0) {
    const uintptr_t first = (uintptr_t)__heap_start + HEADER;
    heap_top = ((first + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1)) - HEADER;
  }
  const size_t size = (size_t)1 << class;
  if ((uintptr_t)__heap_end - heap_top < size) return NULL;
  struct header *block = (struct header *)heap_top;
  heap_top += size;
  block->class = class;
  return block + 1;
}

void *malloc(size_t size) {
  if (size > ((size_t)1 << (CLASSES - 1)) - HEADER) return NULL;
  const uint32_t class = class_of(size);
  void *payload = free_blocks[class];
  if (payload == NULL) return cut_block(class);
  free_blocks[class] = *(void **)payload;
  return payload;
}

void free(void *pointer) {
  if (pointer == NULL) return;
  const uint32_t class = header_of(pointer)->class;
  *(void **)pointer = free_blocks[class];
  free_blocks[class] = pointer;
}

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
  void *payload = malloc(bytes);
  if (payload != NULL) memset(payload, 0, bytes);
  return payload;
}

void *realloc(void *pointer, size_t size) {
  if (pointer == NULL) return malloc(size);
  const size_t capacity = ((size_t)1 << header_of(pointer)->class) - HEADER;
  if (size <= capacity) return pointer;
  void *payload = malloc(size);
  if (payload == NULL) return NULL;
  memcpy(payload, pointer, capacity);
  free(pointer);
  return payload;
}
