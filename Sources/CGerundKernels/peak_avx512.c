// AVX-512 with its extensions for bfloat16 and bytes: vectors of 512 bits.
#if defined(__x86_64__)
#include <immintrin.h>

#include "peak_internal.h"

#define DECLARE_FLOAT(n) __m512 a##n = _mm512_set1_ps((float)n);
#define STEP_F32(n) a##n = _mm512_fmadd_ps(a##n, x, y);
#define STEP_BF16(n) a##n = _mm512_dpbf16_ps(a##n, x, x);
#define DECLARE_INT8(n) __m512i a##n = _mm512_set1_epi32(n);
#define STEP_INT8(n) a##n = _mm512_dpbusd_epi32(a##n, x, x);
// Sixteen accumulators, since bfloat16's products have the longest latency: six cycles.
#undef GK_EACH
#undef GK_PEAK_ACCUMULATORS
#define GK_PEAK_ACCUMULATORS 16
#define GK_EACH(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15)
// Tells the compiler that the value is used, so that it has to be computed.
#define USE(n) __asm__ volatile("" : : "v"(a##n));

__attribute__((target("avx512f"))) uint64_t gk_peak_f32_avx512(size_t rounds) {
    const __m512 x = _mm512_set1_ps(0.999f), y = _mm512_set1_ps(0.001f);
    GK_EACH(DECLARE_FLOAT)
    for (size_t i = 0; i < rounds; i++) { GK_EACH(STEP_F32) }
    GK_EACH(USE)
    return (uint64_t)rounds * GK_PEAK_ACCUMULATORS * 16 * 2;
}

__attribute__((target("avx512f,avx512bf16"))) uint64_t gk_peak_bf16_avx512(size_t rounds) {
    const __m512bh x = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.001f), _mm512_set1_ps(0.001f));
    GK_EACH(DECLARE_FLOAT)
    for (size_t i = 0; i < rounds; i++) { GK_EACH(STEP_BF16) }
    GK_EACH(USE)
    return (uint64_t)rounds * GK_PEAK_ACCUMULATORS * 32 * 2;
}

__attribute__((target("avx512f,avx512vnni"))) uint64_t gk_peak_int8_avx512(size_t rounds) {
    const __m512i x = _mm512_set1_epi8(1);
    GK_EACH(DECLARE_INT8)
    for (size_t i = 0; i < rounds; i++) { GK_EACH(STEP_INT8) }
    GK_EACH(USE)
    return (uint64_t)rounds * GK_PEAK_ACCUMULATORS * 64 * 2;
}
#endif
