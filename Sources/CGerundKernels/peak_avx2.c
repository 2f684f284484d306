// AVX2 and AVX-VNNI: vectors of 256 bits.
#if defined(__x86_64__)
#include <immintrin.h>

#include "peak_internal.h"

#define DECLARE_F32(n) __m256 a##n = _mm256_set1_ps((float)n);
#define STEP_F32(n) a##n = _mm256_fmadd_ps(a##n, x, y);
#define DECLARE_INT8(n) __m256i a##n = _mm256_set1_epi32(n);
#define STEP_INT8(n) a##n = _mm256_dpbusd_avx_epi32(a##n, x, x);
// Tells the compiler that the value is used, so that it has to be computed.
#define USE(n) __asm__ volatile("" : : "x"(a##n));

__attribute__((target("avx2,fma"))) uint64_t gk_peak_f32_avx2(size_t rounds) {
    const __m256 x = _mm256_set1_ps(0.999f), y = _mm256_set1_ps(0.001f);
    GK_EACH(DECLARE_F32)
    for (size_t i = 0; i < rounds; i++) { GK_EACH(STEP_F32) }
    GK_EACH(USE)
    return (uint64_t)rounds * GK_PEAK_ACCUMULATORS * 8 * 2;
}

__attribute__((target("avx2,avxvnni"))) uint64_t gk_peak_int8_avxvnni(size_t rounds) {
    const __m256i x = _mm256_set1_epi8(1);
    GK_EACH(DECLARE_INT8)
    for (size_t i = 0; i < rounds; i++) { GK_EACH(STEP_INT8) }
    GK_EACH(USE)
    return (uint64_t)rounds * GK_PEAK_ACCUMULATORS * 32 * 2;
}
#endif
