/* One load of an unsigned value in either byte order, from any address.
 *
 * Compilers turn the plain loop over bytes into one load only where nothing else stands in its way.
 */
#ifndef MRDKIT_BYTES_H
#define MRDKIT_BYTES_H

#include <stdint.h>
#include <string.h>

static inline int mrdkit_other_order(int big_endian)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return big_endian == (first == 1);
}

static inline uint64_t mrdkit_load2(const uint8_t *p, int big_endian)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return mrdkit_other_order(big_endian) ? (uint16_t)(v << 8 | v >> 8) : v;
}

static inline uint64_t mrdkit_load4(const uint8_t *p, int big_endian)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    if (mrdkit_other_order(big_endian)) {
        v = (v & 0x00ff00ffu) << 8 | (v >> 8 & 0x00ff00ffu);
        v = v << 16 | v >> 16;
    }
    return v;
}

static inline uint64_t mrdkit_load8(const uint8_t *p, int big_endian)
{
    uint32_t halves[2];
    uint64_t v;
    memcpy(&v, p, sizeof v);
    if (!mrdkit_other_order(big_endian))
        return v;
    halves[0] = (uint32_t)mrdkit_load4(p, big_endian);
    halves[1] = (uint32_t)mrdkit_load4(p + 4, big_endian);
    return big_endian ? (uint64_t)halves[0] << 32 | halves[1] : (uint64_t)halves[1] << 32 | halves[0];
}

#endif
