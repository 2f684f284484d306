// AVX-512: 16 floats a vector. SwiftPM has no flags per file, so the file raises its own target.
#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define LANES 16
#include "kernels_vector.h"
const gk_kernels gk_kernels_avx512 = GK_VECTOR_TABLE;
#pragma clang attribute pop
#endif
