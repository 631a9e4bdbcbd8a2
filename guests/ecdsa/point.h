/* The group of secp256k1: y^2 = x^3 + 7 (SEC 2, section 2.4.1). */
#ifndef POINT_H
#define POINT_H

#include "u256.h"

/** Jacobian coordinates: the point (x / z^2, y / z^3); z = 0 is the point at infinity. */
typedef struct {
  u256_t x, y, z;
} point_t;

/** The generator G. */
extern const point_t POINT_GENERATOR;

/** The point (x, y); false if it is not one of the curve, or if a coordinate is not below p. */
bool point_from_affine(point_t *point, const u256_t *x, const u256_t *y);

bool point_is_infinity(const point_t *point);

/** a G + b P. */
point_t point_multiply_twice(const u256_t *a, const u256_t *b, const point_t *p);

/** Is the affine x coordinate of a point other than infinity, taken modulo n, equal to r < n? */
bool point_has_x_modulo_n(const point_t *point, const u256_t *r);

#endif
