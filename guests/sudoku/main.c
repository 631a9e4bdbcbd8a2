/*
 * "I know a solution of this sudoku", without showing it.
 *
 * Public input: the puzzle, 81 digits in rows, 0 for an empty cell. Private input: the solution, 81
 * digits. Journal: the puzzle, then "solved" or "not solved". The exit code is 0 if it is solved,
 * else 1, and 2 if the puzzle is not one.
 */
#include "vouch.h"

#define SIZE 9
#define BOX 3
#define CELLS (SIZE * SIZE)
#define ALL_DIGITS 0x3fe

#define EXIT_NOT_SOLVED 1
#define EXIT_NO_PUZZLE 2

static bool is_puzzle(const uint8_t *cells, size_t size) {
  if (size != CELLS) return false;
  for (int i = 0; i < CELLS; i++) {
    if (cells[i] < '0' || cells[i] > '9') return false;
  }
  return true;
}

/** A bit for each digit among nine cells; the offsets are within a row, a column or a box. */
static uint32_t digits_of(const uint8_t *first, const int offsets[SIZE]) {
  uint32_t digits = 0;
  for (int i = 0; i < SIZE; i++) digits |= 1u << (first[offsets[i]] - '0');
  return digits;
}

/** Nine cells hold nine different digits exactly if each of 1..9 is among them. */
static bool is_complete(const uint8_t *cells) {
  static const int ROW[SIZE] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  static const int COLUMN[SIZE] = {0, 9, 18, 27, 36, 45, 54, 63, 72};
  static const int SQUARE[SIZE] = {0, 1, 2, 9, 10, 11, 18, 19, 20};
  for (int i = 0; i < SIZE; i++) {
    const int box = i / BOX * BOX * SIZE + i % BOX * BOX;
    if (digits_of(cells + i * SIZE, ROW) != ALL_DIGITS) return false;
    if (digits_of(cells + i, COLUMN) != ALL_DIGITS) return false;
    if (digits_of(cells + box, SQUARE) != ALL_DIGITS) return false;
  }
  return true;
}

static bool keeps_givens(const uint8_t *puzzle, const uint8_t *solution) {
  for (int i = 0; i < CELLS; i++) {
    if (puzzle[i] != '0' && puzzle[i] != solution[i]) return false;
  }
  return true;
}

int main(void) {
  const uint8_t *puzzle;
  const uint8_t *solution;
  size_t puzzle_size;
  size_t solution_size;
  read_public_input(&puzzle, &puzzle_size);
  read_input(&solution, &solution_size);
  if (!is_puzzle(puzzle, puzzle_size)) return EXIT_NO_PUZZLE;

  const bool solved = is_puzzle(solution, solution_size) && keeps_givens(puzzle, solution) &&
                      is_complete(solution);
  const char *verdict = solved ? "\nsolved\n" : "\nnot solved\n";
  write_output(puzzle, CELLS);
  write_output((const uint8_t *)verdict, strlen(verdict));
  return solved ? 0 : EXIT_NOT_SOLVED;
}
