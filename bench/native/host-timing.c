/*
 * The guest's host interface on the machine that measures: runs the guest's main, which the compiler
 * was told to call guest_main, again and again in one process and times it.
 *
 *   cc -O2 -I guests/sdk -Dmain=guest_main -c guest.c -o guest.o
 *   cc -O2 -I guests/sdk bench/native/host-timing.c guest.o -o guest
 *   ./guest private-input public-input batches journal
 *
 * Prints a line for each batch: the nanoseconds of one run, inputs in memory and journal to memory.
 * The journal file gets what the last run wrote. A run that writes another journal than the run
 * before, or ends with another exit code than 0, ends the process with code 1.
 */
#include <setjmp.h>
#include <stdio.h>
#include <time.h>

#include "vouch.h"
#include "vouch_memory_map.h"

/** A batch takes at least this long, so that the clock's resolution does not count. */
#define BATCH_NANOSECONDS 3000000.0
#define MOST_RUNS 1000000L

int guest_main(void);

struct bytes {
  size_t size;
  uint8_t *data;
};

static struct bytes inputs[2];
static struct bytes journal;
static jmp_buf end_of_run;
static int exit_code;

void read_input(const uint8_t **buf_ptr, size_t *buf_size) {
  *buf_ptr = inputs[0].data;
  *buf_size = inputs[0].size;
}

void read_public_input(const uint8_t **buf_ptr, size_t *buf_size) {
  *buf_ptr = inputs[1].data;
  *buf_size = inputs[1].size;
}

void write_output(const uint8_t *output, size_t size) {
  if (size > VOUCH_MAX_JOURNAL_BYTES - journal.size) vouch_abort("the journal is too long");
  memcpy(journal.data + journal.size, output, size);
  journal.size += size;
}

_Noreturn void vouch_exit(int code) {
  exit_code = code;
  longjmp(end_of_run, 1);
}

_Noreturn void vouch_abort(const char *reason) {
  fprintf(stderr, "%s\n", reason);
  vouch_exit(VOUCH_EXIT_CODE_ABORT);
}

void vouch_debug_printf(const char *format, ...) { (void)format; }

static _Noreturn void fail(const char *reason) {
  fprintf(stderr, "%s\n", reason);
  exit(1);
}

static uint8_t *reserve(size_t size) {
  uint8_t *data = malloc(size);
  if (data == NULL) fail("no memory");
  return data;
}

static void load(struct bytes *input, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("an input cannot be opened");
  input->data = reserve(VOUCH_MAX_INPUT_BYTES + 4);
  input->size = fread(input->data, 1, VOUCH_MAX_INPUT_BYTES, file);
  fclose(file);
}

static void run_once(void) {
  journal.size = 0;
  if (setjmp(end_of_run) == 0) exit_code = guest_main();
  if (exit_code != 0) fail("the guest failed");
}

static double nanoseconds(long runs) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long run = 0; run < runs; run++) run_once();
  clock_gettime(CLOCK_MONOTONIC, &end);
  return 1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec);
}

/** How many runs make a batch; the runs that tell warm up. */
static long runs_of_batch(void) {
  for (long runs = 1;; runs *= 2) {
    if (nanoseconds(runs) >= BATCH_NANOSECONDS || runs >= MOST_RUNS) return runs;
  }
}

int main(int count, char **arguments) {
  if (count != 5) fail("usage: guest private-input public-input batches journal");
  load(&inputs[0], arguments[1]);
  load(&inputs[1], arguments[2]);
  journal.data = reserve(VOUCH_MAX_JOURNAL_BYTES);

  run_once();
  const struct bytes first = {journal.size, reserve(journal.size + 1)};
  memcpy(first.data, journal.data, journal.size);

  const long runs = runs_of_batch();
  for (int batch = atoi(arguments[3]); batch > 0; batch--) {
    printf("%.3f\n", nanoseconds(runs) / (double)runs);
    if (journal.size != first.size || memcmp(journal.data, first.data, first.size) != 0) {
      fail("two runs of the guest wrote different journals");
    }
  }

  FILE *file = fopen(arguments[4], "wb");
  if (file == NULL || fwrite(journal.data, 1, journal.size, file) != journal.size) {
    fail("the journal cannot be written");
  }
  return fclose(file) == 0 ? 0 : 1;
}
