/* Where one byte stands among the next 64: bit i is set where text[i] is that byte.
 *
 * SSE2 is part of every x86-64 processor; elsewhere eight bytes are compared at a time in a plain word.
 */
#ifndef MRDKIT_TSV_H
#define MRDKIT_TSV_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>

static inline uint64_t mrdkit_mask16(const uint8_t *text, __m128i byte)
{
    __m128i v = _mm_loadu_si128((const __m128i *)text);
    return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, byte));
}

static inline uint64_t mrdkit_mask64(const uint8_t *text, uint8_t byte)
{
    const __m128i wanted = _mm_set1_epi8((char)byte);
    return mrdkit_mask16(text, wanted) | mrdkit_mask16(text + 16, wanted) << 16
        | mrdkit_mask16(text + 32, wanted) << 32 | mrdkit_mask16(text + 48, wanted) << 48;
}

#else

static inline uint64_t mrdkit_mask64(const uint8_t *text, uint8_t byte)
{
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++)
        mask |= (uint64_t)(text[i] == byte) << i;
    return mask;
}

#endif

#if defined(__GNUC__)
static inline int mrdkit_count_bits(uint64_t mask) { return __builtin_popcountll(mask); }
static inline int mrdkit_lowest_bit(uint64_t mask) { return __builtin_ctzll(mask); }
#else
static inline int mrdkit_count_bits(uint64_t mask)
{
    int n = 0;
    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

static inline int mrdkit_lowest_bit(uint64_t mask)
{
    int n = 0;
    for (; !(mask & 1); mask >>= 1)
        n++;
    return n;
}
#endif

/* The first `length` bytes of 8 readable ones, the others 0; none where length is not above 0. */
static inline uint64_t mrdkit_word(const uint8_t *text, int64_t length)
{
    uint64_t word;
    memcpy(&word, text, 8);
    if (length >= 8)
        return word;
    if (length <= 0)
        return 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return word & ~(~0ull >> 8 * length);
#else
    return word & ((1ull << 8 * length) - 1);
#endif
}

static inline uint64_t mrdkit_mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0xff51afd7ed558ccdull;
    return hash ^ hash >> 32;
}

/* A 64-bit digest of a text for a table in memory; equality is decided by the bytes, never by it. */
static inline uint64_t mrdkit_digest(const uint8_t *text, int64_t length, uint64_t start)
{
    uint64_t word, hash = start ^ ((uint64_t)length * 0x9e3779b97f4a7c15ull);
    for (; length >= 8; text += 8, length -= 8) {
        memcpy(&word, text, 8);
        hash = mrdkit_mixed(hash, word);
    }
    if (length > 0) {
        word = 0;
        memcpy(&word, text, (size_t)length);
        hash = mrdkit_mixed(hash, word);
    }
    return mrdkit_mixed(hash, 0x9e3779b97f4a7c15ull);
}

/* Copy bases in upper case; return whether every letter is one of A, C, G, T, N. */
static inline int mrdkit_copy_bases(const uint8_t *text, int64_t length, uint8_t *bases)
{
    uint8_t bad = 0;
    for (int64_t i = 0; i < length; i++) {
        const uint8_t c = text[i] & 0xdf;
        const uint8_t base = (c == 'A') | (c == 'C') | (c == 'G') | (c == 'T') | (c == 'N');
        bad |= base ^ 1;
        bases[i] = c;
    }
    return !bad;
}

#endif
