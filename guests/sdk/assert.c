/* A failed assertion's message, put together when it is needed. */
#include "vouch.h"

#define MESSAGE_SIZE 512

/** Appends what fits and returns the new end; one byte always stays free for the final zero. */
static char *append(char *end, const char *limit, const char *text) {
  while (*text != 0 && end < limit) *end++ = *text++;
  return end;
}

static const char *decimal(unsigned value, char digits[11]) {
  char *first = digits + 10;
  *first = 0;
  do {
    *--first = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return first;
}

_Noreturn void vouch_assertion_failed(const char *condition, const char *file, unsigned line,
                                      const char *function) {
  static char message[MESSAGE_SIZE];
  const char *limit = message + MESSAGE_SIZE - 1;
  char digits[11];
  const char *parts[] = {file, ":",           decimal(line, digits), ": ",
                         function, ": assertion `", condition,       "' failed"};
  char *end = message;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) end = append(end, limit, parts[i]);
  *end = 0;
  vouch_abort(message);
}
