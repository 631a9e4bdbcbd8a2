/*
 * Compares the SDK's memory functions with byte loops for all small sizes and alignments. A guest,
 * compiled by a test; exits with 0 if all agree.
 */
#include "vouch.h"

#define AREA 96
#define MAX_SIZE 40

static uint8_t area[AREA];
static uint8_t expected[AREA];

static void fill(uint8_t *bytes, uint32_t seed) {
  for (int i = 0; i < AREA; i++) {
    seed = seed * 1664525 + 1013904223;
    bytes[i] = (uint8_t)(seed >> 24);
  }
}

static void same(void) {
  for (int i = 0; i < AREA; i++) assert(area[i] == expected[i]);
}

static void check_copy(int to, int from, int size) {
  static uint8_t source[AREA];
  fill(source, 7);
  fill(area, 1);
  fill(expected, 1);
  for (int i = 0; i < size; i++) expected[to + i] = source[from + i];
  assert(memcpy(area + to, source + from, size) == area + to);
  same();
}

static void check_move(int to, int from, int size) {
  fill(area, 3);
  fill(expected, 3);
  for (int i = 0; i < size; i++) expected[to + i] = area[from + i];
  assert(memmove(area + to, area + from, size) == area + to);
  same();
}

static void check_set(int to, int size) {
  fill(area, 5);
  fill(expected, 5);
  for (int i = 0; i < size; i++) expected[to + i] = 0xa5;
  assert(memset(area + to, 0x1a5, size) == area + to);
  same();
}

static void check_compare(int left, int right, int size) {
  fill(expected, 9);
  for (int i = 0; i < size; i++) area[left + i] = expected[right + i];
  assert(memcmp(area + left, expected + right, size) == 0);
  for (int i = 0; i < size; i++) {
    area[left + i] ^= 0x80;
    const int order = area[left + i] < expected[right + i] ? -1 : 1;
    assert(memcmp(area + left, expected + right, size) * order > 0);
    area[left + i] ^= 0x80;
  }
}

static void check_strings(void) {
  char text[16];
  assert(strcpy(text, "abcabc") == text);
  assert(strlen(text) == 6 && strlen("") == 0);
  assert(strcmp(text, "abcabc") == 0 && strcmp(text, "abcabd") < 0 && strcmp(text, "abc") > 0);
  assert(strcmp("\xff", "a") > 0);
  assert(strncmp(text, "abcxyz", 3) == 0 && strncmp(text, "abcxyz", 4) < 0);
  assert(strncmp("ab", "ab", 9) == 0);
  assert(strchr(text, 'b') == text + 1 && strchr(text, 0) == text + 6 && strchr(text, 'x') == NULL);
  assert(memchr(text, 'c', 6) == text + 2 && memchr(text, 'c', 2) == NULL);
}

int main(void) {
  for (int to = 0; to < 4; to++) {
    for (int from = 0; from < 4; from++) {
      for (int size = 0; size <= MAX_SIZE; size++) check_copy(to, from, size);
      check_copy(to, from, 90);
      for (int size = 0; size <= 20; size++) check_compare(to, from, size);
    }
    for (int size = 0; size <= MAX_SIZE; size++) check_set(to, size);
    check_set(to, 90);
  }
  for (int to = 0; to < 12; to++) {
    for (int from = 0; from < 12; from++) {
      for (int size = 0; size <= 24; size++) check_move(to, from, size);
      check_move(to, from, 80);
    }
  }
  check_strings();
  return 0;
}
