// Selects the peak loop of this machine; the loop that reads memory.
#include "peak_internal.h"

#if !defined(__x86_64__)
// Generic vectors for other processors: eight accumulators of four floats.
typedef float vec __attribute__((vector_size(16)));

static uint64_t f32_plain(size_t rounds) {
    vec a0 = {0}, a1 = {1}, a2 = {2}, a3 = {3}, a4 = {4}, a5 = {5}, a6 = {6}, a7 = {7};
    for (size_t i = 0; i < rounds; i++) {
        a0 = a0 * 0.999f + 0.001f; a1 = a1 * 0.999f + 0.001f; a2 = a2 * 0.999f + 0.001f; a3 = a3 * 0.999f + 0.001f;
        a4 = a4 * 0.999f + 0.001f; a5 = a5 * 0.999f + 0.001f; a6 = a6 * 0.999f + 0.001f; a7 = a7 * 0.999f + 0.001f;
    }
    const vec sum = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7;
    volatile float used = sum[0];
    (void)used;
    return (uint64_t)rounds * 8 * 4 * 2;
}
#endif

gerund_peak_loop gerund_peak(gerund_gemm_type type) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    switch (type) {
    case GERUND_GEMM_F32:
        if (__builtin_cpu_supports("avx512f")) { return gerund_peak_f32_avx512; }
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? gerund_peak_f32_avx2 : NULL;
    case GERUND_GEMM_BF16: return __builtin_cpu_supports("avx512bf16") ? gerund_peak_bf16_avx512 : NULL;
    case GERUND_GEMM_U8S8:
        if (__builtin_cpu_supports("avx512vnni")) { return gerund_peak_u8s8_avx512; }
        return __builtin_cpu_supports("avxvnni") ? gerund_peak_u8s8_avxvnni : NULL;
    }
    return NULL;
#else
    return type == GERUND_GEMM_F32 ? f32_plain : NULL;
#endif
}

uint64_t gerund_bandwidth_read(const uint64_t *numbers, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) { sum += numbers[i]; }
    return sum;
}
