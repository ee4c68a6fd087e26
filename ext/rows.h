/* Cubic rows of a table, four values at a time.
 *
 * A value's row is fetched with one load and four rows are turned into four coefficients by shuffles: gathers,
 * which compilers make of the plain loop, cost twice as much. Products are not contracted into sums (see
 * setup.py), and the order of operations is that of mrdkit_row, so both give the same bits.
 */
#ifndef MRDKIT_ROWS_H
#define MRDKIT_ROWS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static const uint64_t MRDKIT_ONE = 0x3ff0000000000000ull;      /* bits of 1.0 */
static const uint64_t MRDKIT_MANTISSA = 0x000fffffffffffffull; /* bits behind the exponent */

/* The coordinate at magnitude |x| + q = shifted: row number and place in the row are read off its bits. */
static inline double mrdkit_row(double shifted, const double *table, int64_t first, int64_t shift)
{
    uint64_t bits, place;
    double t;
    const double *p;
    memcpy(&bits, &shifted, sizeof bits);
    place = ((bits << (52 - shift)) & MRDKIT_MANTISSA) | MRDKIT_ONE;
    memcpy(&t, &place, sizeof t);
    t -= 1.0;
    p = table + 4 * ((int64_t)(bits >> shift) - first);
    return p[0] + t * (p[1] + t * (p[2] + t * p[3]));
}

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)

typedef double mrdkit_v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef uint64_t mrdkit_u4 __attribute__((vector_size(32), aligned(8), may_alias));

/* n is a multiple of 4. */
static inline void mrdkit_rows(
    const double *x, double *out, int n, const double *table, int64_t first, int64_t shift, double q, double x1)
{
    const uint64_t sign = 1ull << 63;
    int i;
    for (i = 0; i < n; i += 4) {
        mrdkit_u4 raw = *(const mrdkit_u4 *)(x + i);
        mrdkit_u4 negative = raw & sign;
        mrdkit_v4 shifted = (mrdkit_v4)(raw & ~sign) + q;
        mrdkit_u4 bits = (mrdkit_u4)shifted;
        mrdkit_v4 t = (mrdkit_v4)(((bits << (52 - shift)) & MRDKIT_MANTISSA) | MRDKIT_ONE) - 1.0;
        mrdkit_u4 row = bits >> shift;
        mrdkit_v4 a = *(const mrdkit_v4 *)(table + 4 * ((int64_t)row[0] - first));
        mrdkit_v4 b = *(const mrdkit_v4 *)(table + 4 * ((int64_t)row[1] - first));
        mrdkit_v4 c = *(const mrdkit_v4 *)(table + 4 * ((int64_t)row[2] - first));
        mrdkit_v4 d = *(const mrdkit_v4 *)(table + 4 * ((int64_t)row[3] - first));
        mrdkit_v4 ab02 = __builtin_shufflevector(a, b, 0, 4, 2, 6), ab13 = __builtin_shufflevector(a, b, 1, 5, 3, 7);
        mrdkit_v4 cd02 = __builtin_shufflevector(c, d, 0, 4, 2, 6), cd13 = __builtin_shufflevector(c, d, 1, 5, 3, 7);
        mrdkit_v4 p0 = __builtin_shufflevector(ab02, cd02, 0, 1, 4, 5);
        mrdkit_v4 p1 = __builtin_shufflevector(ab13, cd13, 0, 1, 4, 5);
        mrdkit_v4 p2 = __builtin_shufflevector(ab02, cd02, 2, 3, 6, 7);
        mrdkit_v4 p3 = __builtin_shufflevector(ab13, cd13, 2, 3, 6, 7);
        mrdkit_v4 y = p0 + t * (p1 + t * (p2 + t * p3));
        *(mrdkit_v4 *)(out + i) = x1 + (mrdkit_v4)((mrdkit_u4)y ^ negative);
    }
}

#else

static inline void mrdkit_rows(
    const double *x, double *out, int n, const double *table, int64_t first, int64_t shift, double q, double x1)
{
    int i;
    for (i = 0; i < n; i++) {
        double y = mrdkit_row(fabs(x[i]) + q, table, first, shift);
        out[i] = x1 + (signbit(x[i]) ? -y : y);
    }
}

#endif
#endif
