// AVX2 with FMA: 8 floats per vector. SwiftPM has no compiler flags per file, so the file sets its own target.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#include "kernels_vector.h"
const gerund_kernels gerund_kernels_avx2 = GERUND_VECTOR_KERNELS;
#pragma clang attribute pop
#endif
