// AVX2 and AVX-VNNI: vectors of 256 bits.
#if defined(__x86_64__)
#include <immintrin.h>

#include "peak_internal.h"

// Twelve accumulators: two units with a latency of four to six cycles need eight to twelve.
#define ACCUMULATORS 12
#define EACH_ACCUMULATOR(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#define USE(n) __asm__ volatile("" : : "x"(a##n));

#define DECLARE_F32(n) __m256 a##n = _mm256_set1_ps((float)n);
#define STEP_F32(n) a##n = _mm256_fmadd_ps(a##n, x, y);
#define DECLARE_U8S8(n) __m256i a##n = _mm256_set1_epi32(n);
#define STEP_U8S8(n) a##n = _mm256_dpbusd_avx_epi32(a##n, x, x);

DEFINE_PEAK_LOOP(
    gerund_peak_f32_avx2, "avx2,fma", const __m256 x = _mm256_set1_ps(0.999f); const __m256 y = _mm256_set1_ps(0.001f),
    DECLARE_F32, STEP_F32, 8 * 2)
DEFINE_PEAK_LOOP(
    gerund_peak_u8s8_avxvnni, "avx2,avxvnni", const __m256i x = _mm256_set1_epi8(1), DECLARE_U8S8, STEP_U8S8, 32 * 2)
#endif
