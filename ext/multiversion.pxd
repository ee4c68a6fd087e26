"""A return type that has a function compiled twice, for AVX2 and for any processor; the loader picks one.

Neither version contracts products into sums, so that both give the same bits. Where the compiler or the
system has no such switch, one version is built. `flatten` draws the inline functions into each version.
"""

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
    #define MRDKIT_MULTIVERSION __attribute__((target_clones("avx2", "default"), flatten))
    #else
    #define MRDKIT_MULTIVERSION
    #endif
    """
    ctypedef int multiversion "MRDKIT_MULTIVERSION int"
