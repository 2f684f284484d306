// Which level a machine can run. A level is a bundle of features that came together in real processors.
#include "kernels_internal.h"

gk_level gk_detect_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) { return GK_SCALAR; }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return GK_AVX512;
    }
    return GK_AVX2;
#else
    return GK_SCALAR;
#endif
}

const gk_kernels *gk_kernels_at(gk_level level) {
    if (level > gk_detect_level()) { return NULL; }
    switch (level) {
    case GK_SCALAR: return &gk_kernels_scalar;
#if defined(__x86_64__)
    case GK_AVX2: return &gk_kernels_avx2;
    case GK_AVX512: return &gk_kernels_avx512;
#else
    default: break;
#endif
    }
    return NULL;
}
