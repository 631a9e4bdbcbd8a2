/* malloc and free under a list and a tree. */
#include "programs.h"

struct node {
  uint32_t key;
  struct node *left, *right;
};

static struct node *insert(struct node *tree, uint32_t key) {
  if (tree == NULL) {
    struct node *node = malloc(sizeof *node);
    assert(node != NULL);
    *node = (struct node){key, NULL, NULL};
    return node;
  }
  if (key < tree->key) tree->left = insert(tree->left, key);
  else tree->right = insert(tree->right, key);
  return tree;
}

static void emit_in_order(const struct node *tree) {
  if (tree == NULL) return;
  emit_in_order(tree->left);
  emit32(tree->key);
  emit_in_order(tree->right);
}

static void release(struct node *tree) {
  if (tree == NULL) return;
  release(tree->left);
  release(tree->right);
  free(tree);
}

/* Blocks of changing sizes, each filled with its own number, checked before they go. */
static uint32_t blocks(void) {
  enum { COUNT = 32 };
  uint8_t *block[COUNT] = {0};
  size_t size[COUNT] = {0};
  uint32_t state = 17;
  uint32_t damaged = 0;
  for (int i = 0; i < 1000; i++) {
    const size_t at = (next_random(&state) >> 16) % COUNT;
    for (size_t j = 0; j < size[at]; j++) damaged += block[at][j] != (uint8_t)at;
    free(block[at]);
    size[at] = (next_random(&state) >> 16) % 300;
    block[at] = malloc(size[at]);
    if (block[at] == NULL) size[at] = 0;
    else memset(block[at], (int)at, size[at]);
  }
  for (size_t at = 0; at < COUNT; at++) free(block[at]);
  return damaged;
}

int heap(void) {
  struct node *tree = NULL;
  uint32_t state = 5;
  for (int i = 0; i < 500; i++) tree = insert(tree, next_random(&state) >> 8);
  emit_in_order(tree);
  release(tree);
  emit32(blocks());
  return 9;
}
