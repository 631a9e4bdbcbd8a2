#ifndef VOUCH_STDLIB_H
#define VOUCH_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

#ifdef __cplusplus
extern "C" {
#endif

__attribute__((noreturn)) void exit(int code);
__attribute__((noreturn, cold)) void abort(void);

void *malloc(size_t size) __attribute__((malloc));
void *calloc(size_t count, size_t size) __attribute__((malloc));
void *realloc(void *pointer, size_t size);
void free(void *pointer);

#ifdef __cplusplus
}
#endif

#endif
