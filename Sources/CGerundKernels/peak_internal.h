// What the files of peak loops share.
#pragma once

#include "gerund_peak.h"

#if defined(__x86_64__)
uint64_t gk_peak_f32_avx2(size_t rounds);
uint64_t gk_peak_int8_avxvnni(size_t rounds);
uint64_t gk_peak_f32_avx512(size_t rounds);
uint64_t gk_peak_bf16_avx512(size_t rounds);
uint64_t gk_peak_int8_avx512(size_t rounds);

// Twelve accumulators: two units with a latency of four to six cycles need eight to twelve. Named variables, because
// an array would live in memory.
#define GK_PEAK_ACCUMULATORS 12
#define GK_EACH(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)
#endif
