#include "point.h"

#include "field.h"
#include "scalar.h"

/** Digits of a scalar are odd and below 2^(WINDOW - 1) in size, or zero. */
#define WINDOW 5
#define TABLE_SIZE (1 << (WINDOW - 2))
#define MAX_DIGITS 257

static const u256_t ONE = {{1}};
static const u256_t CURVE_B = {{7}};

const point_t POINT_GENERATOR = {
    .x = {{0x16f81798, 0x59f2815b, 0x2dce28d9, 0x029bfcdb, 0xce870b07, 0x55a06295, 0xf9dcbbac,
           0x79be667e}},
    .y = {{0xfb10d4b8, 0x9c47d08f, 0xa6855419, 0xfd17b448, 0x0e1108a8, 0x5da4fbfc, 0x26a3c465,
           0x483ada77}},
    .z = {{1}},
};

bool point_from_affine(point_t *point, const u256_t *x, const u256_t *y) {
  if (!u256_less(x, &FIELD_MODULUS) || !u256_less(y, &FIELD_MODULUS)) return false;
  u256_t left;
  u256_t right;
  field_square(&left, y);
  field_square(&right, x);
  field_multiply(&right, &right, x);
  field_add(&right, &right, &CURVE_B);
  *point = (point_t){*x, *y, ONE};
  return u256_equal(&left, &right);
}

bool point_is_infinity(const point_t *point) { return u256_is_zero(&point->z); }

static void double_into(u256_t *twice, const u256_t *a) { field_add(twice, a, a); }

/*
 * Formulas dbl-2009-l of the Explicit-Formulas Database for a = 0. No point has y = 0, since the
 * group's order is odd; infinity stays infinity because z stays 0.
 */
static void point_double(point_t *p) {
  u256_t a, b, c, d, e, f;
  field_square(&a, &p->x);
  field_square(&b, &p->y);
  field_square(&c, &b);
  field_add(&d, &p->x, &b);
  field_square(&d, &d);
  field_subtract(&d, &d, &a);
  field_subtract(&d, &d, &c);
  double_into(&d, &d);
  double_into(&e, &a);
  field_add(&e, &e, &a);
  field_square(&f, &e);

  field_multiply(&p->z, &p->y, &p->z);
  double_into(&p->z, &p->z);
  double_into(&p->x, &d);
  field_subtract(&p->x, &f, &p->x);
  field_subtract(&d, &d, &p->x);
  field_multiply(&p->y, &e, &d);
  double_into(&c, &c);
  double_into(&c, &c);
  double_into(&c, &c);
  field_subtract(&p->y, &p->y, &c);
}

/*
 * p += q by the chord. Both sides are brought to a common denominator: u = x z'^2, s = y z'^3. Equal
 * u means q = p, which needs the tangent, or q = -p, whose sum is infinity.
 */
static void point_add(point_t *p, const point_t *q) {
  if (point_is_infinity(q)) return;
  if (point_is_infinity(p)) {
    *p = *q;
    return;
  }
  u256_t zz1, zz2, u1, u2, s1, s2, h, r;
  field_square(&zz1, &p->z);
  field_square(&zz2, &q->z);
  field_multiply(&u1, &p->x, &zz2);
  field_multiply(&u2, &q->x, &zz1);
  field_multiply(&s1, &p->y, &q->z);
  field_multiply(&s1, &s1, &zz2);
  field_multiply(&s2, &q->y, &p->z);
  field_multiply(&s2, &s2, &zz1);
  field_subtract(&h, &u2, &u1);
  field_subtract(&r, &s2, &s1);
  if (u256_is_zero(&h)) {
    if (u256_is_zero(&r)) point_double(p);
    else p->z = (u256_t){{0}};
    return;
  }
  u256_t hh, hhh, v;
  field_square(&hh, &h);
  field_multiply(&hhh, &hh, &h);
  field_multiply(&v, &u1, &hh);

  field_multiply(&p->z, &p->z, &q->z);
  field_multiply(&p->z, &p->z, &h);
  field_square(&p->x, &r);
  field_subtract(&p->x, &p->x, &hhh);
  field_subtract(&p->x, &p->x, &v);
  field_subtract(&p->x, &p->x, &v);
  field_subtract(&v, &v, &p->x);
  field_multiply(&v, &v, &r);
  field_multiply(&s1, &s1, &hhh);
  field_subtract(&p->y, &v, &s1);
}

/** P, 3P, 5P, ... */
static void fill_table(point_t table[TABLE_SIZE], const point_t *p) {
  point_t twice = *p;
  point_double(&twice);
  table[0] = *p;
  for (int i = 1; i < TABLE_SIZE; i++) {
    table[i] = table[i - 1];
    point_add(&table[i], &twice);
  }
}

/*
 * The scalar's non-adjacent form of width WINDOW, lowest digit first: the sum of digit[i] 2^i. After
 * a digit other than 0 come at least WINDOW - 1 zeros. Returns the number of digits. Adding up to
 * 2^(WINDOW - 1) to a scalar stays below 2^256.
 */
static int split_scalar(int8_t digits[MAX_DIGITS], u256_t scalar) {
  int count = 0;
  for (; !u256_is_zero(&scalar); u256_halve(&scalar, 0)) {
    int digit = 0;
    if ((scalar.limb[0] & 1) != 0) {
      digit = (int)(scalar.limb[0] & ((1 << WINDOW) - 1));
      if (digit >= 1 << (WINDOW - 1)) digit -= 1 << WINDOW;
      const u256_t size = {{(uint32_t)(digit < 0 ? -digit : digit)}};
      if (digit < 0) u256_add(&scalar, &scalar, &size);
      else u256_subtract(&scalar, &scalar, &size);
    }
    digits[count++] = (int8_t)digit;
  }
  return count;
}

static void add_digit(point_t *sum, const point_t table[TABLE_SIZE], int digit) {
  if (digit > 0) {
    point_add(sum, &table[digit / 2]);
  } else if (digit < 0) {
    point_t negative = table[-digit / 2];
    field_subtract(&negative.y, &FIELD_MODULUS, &negative.y);
    point_add(sum, &negative);
  }
}

/* Both multiples share the doublings (Straus). */
point_t point_multiply_twice(const u256_t *a, const u256_t *b, const point_t *p) {
  point_t generator_table[TABLE_SIZE];
  point_t point_table[TABLE_SIZE];
  fill_table(generator_table, &POINT_GENERATOR);
  fill_table(point_table, p);
  int8_t a_digits[MAX_DIGITS];
  int8_t b_digits[MAX_DIGITS];
  const int a_count = split_scalar(a_digits, *a);
  const int b_count = split_scalar(b_digits, *b);

  point_t sum = {{{0}}, {{1}}, {{0}}};
  for (int i = (a_count > b_count ? a_count : b_count) - 1; i >= 0; i--) {
    point_double(&sum);
    if (i < a_count) add_digit(&sum, generator_table, a_digits[i]);
    if (i < b_count) add_digit(&sum, point_table, b_digits[i]);
  }
  return sum;
}

static bool has_x(const point_t *point, const u256_t *x) {
  u256_t scaled;
  field_square(&scaled, &point->z);
  field_multiply(&scaled, &scaled, x);
  return u256_equal(&scaled, &point->x);
}

/* n < p < 2n: the coordinate is r, or r + n if that is below p. */
bool point_has_x_modulo_n(const point_t *point, const u256_t *r) {
  if (has_x(point, r)) return true;
  u256_t other;
  if (u256_add(&other, r, &SCALAR_MODULUS) != 0) return false;
  return u256_less(&other, &FIELD_MODULUS) && has_x(point, &other);
}
