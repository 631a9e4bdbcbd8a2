/*
 * What a Vouch guest includes.
 *
 * Input and output follow the zkVM IO standard (github.com/eth-act/zkvm-standards):
 * `read_input` and `write_output`. The output is the guest's journal: the bytes that a receipt
 * binds, together with the exit code and the public input.
 */
#ifndef VOUCH_H
#define VOUCH_H

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The private input: known to the prover only. The bytes lie in read-only memory, `*buf_ptr` is a
 * multiple of 4, and the bytes up to the next multiple of 4 behind the input may be read.
 * Nothing binds them: a prover may choose any input, so check what the claim depends on.
 */
void read_input(const uint8_t **buf_ptr, size_t *buf_size);

/** The public input: known to the verifier and bound by the receipt. Same layout. */
void read_public_input(const uint8_t **buf_ptr, size_t *buf_size);

/** Appends `size` bytes to the journal. Word-aligned sources are fastest. */
void write_output(const uint8_t *output, size_t size);

/** Ends the run. A receipt shows `code`; 0 is success. */
_Noreturn void vouch_exit(int code);

/** Ends the run with EXIT_CODE_ABORT (134) and tells the host, not the proof, why. */
_Noreturn void vouch_abort(const char *reason);

/**
 * Prints on the host while a guest is developed; a proof does not see it. The host formats, so a
 * call costs a few cycles whatever it prints. With VOUCH_NO_DEBUG nothing is left of it.
 */
__attribute__((format(printf, 1, 2))) void vouch_debug_printf(const char *format, ...);

#ifdef VOUCH_NO_DEBUG
#define debug_printf(...)                            \
  do {                                               \
    if (0) vouch_debug_printf(__VA_ARGS__);          \
  } while (0)
#else
#define debug_printf(...) vouch_debug_printf(__VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif

#endif
