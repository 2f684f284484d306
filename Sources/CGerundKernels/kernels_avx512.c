// AVX-512: 16 floats per vector. SwiftPM has no compiler flags per file, so the file sets its own target.
#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define LANES 16
#include "kernels_vector.h"
const gerund_kernels gerund_kernels_avx512 = GERUND_VECTOR_KERNELS;
#pragma clang attribute pop
#endif
