// AVX-512 with its bfloat16 and VNNI extensions: vectors of 512 bits.
#if defined(__x86_64__)
#include <immintrin.h>

#include "peak_internal.h"

// Sixteen accumulators: bfloat16 multiplications have the longest latency, six cycles.
#define ACCUMULATORS 16
#define EACH_ACCUMULATOR(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14) F(15)
#define USE(n) __asm__ volatile("" : : "v"(a##n));

#define DECLARE_FLOAT(n) __m512 a##n = _mm512_set1_ps((float)n);
#define STEP_F32(n) a##n = _mm512_fmadd_ps(a##n, x, y);
#define STEP_BF16(n) a##n = _mm512_dpbf16_ps(a##n, x, x);
#define DECLARE_U8S8(n) __m512i a##n = _mm512_set1_epi32(n);
#define STEP_U8S8(n) a##n = _mm512_dpbusd_epi32(a##n, x, x);

DEFINE_PEAK_LOOP(
    gerund_peak_f32_avx512, "avx512f", const __m512 x = _mm512_set1_ps(0.999f); const __m512 y = _mm512_set1_ps(0.001f),
    DECLARE_FLOAT, STEP_F32, 16 * 2)
DEFINE_PEAK_LOOP(
    gerund_peak_bf16_avx512, "avx512f,avx512bf16",
    const __m512bh x = _mm512_cvtne2ps_pbh(_mm512_set1_ps(0.001f), _mm512_set1_ps(0.001f)), DECLARE_FLOAT, STEP_BF16,
    32 * 2)
DEFINE_PEAK_LOOP(
    gerund_peak_u8s8_avx512, "avx512f,avx512vnni", const __m512i x = _mm512_set1_epi8(1), DECLARE_U8S8, STEP_U8S8,
    64 * 2)
#endif
