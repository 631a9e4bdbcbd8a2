/*
 * Sorts the words of the private input by exchanging neighbours: a worst case on purpose, common in
 * comparisons of zkVMs. Journal: the sorted words.
 */
#include "vouch.h"

/** Each pass carries the largest unsorted word to the end; a pass without exchange is the last. */
static void bubble_sort(uint32_t *words, size_t count) {
  bool exchanged = true;
  for (size_t unsorted = count; exchanged && unsorted > 1; unsorted--) {
    exchanged = false;
    for (size_t i = 1; i < unsorted; i++) {
      const uint32_t left = words[i - 1];
      const uint32_t right = words[i];
      if (left > right) {
        words[i - 1] = right;
        words[i] = left;
        exchanged = true;
      }
    }
  }
}

int main(void) {
  const uint8_t *input;
  size_t size;
  read_input(&input, &size);
  assert(size % sizeof(uint32_t) == 0);
  uint32_t *words = malloc(size);
  assert(words != NULL);
  memcpy(words, input, size);
  bubble_sort(words, size / sizeof(uint32_t));
  write_output((const uint8_t *)words, size);
  return 0;
}
