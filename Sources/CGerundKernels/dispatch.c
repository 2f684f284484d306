// Detects the level of this machine. A level is a set of features that real processors have together.
#include "kernels_internal.h"

// Either the transposed keys of one head and the scores of a block of queries, or the scores of one query in all heads
// and their scales. Keys are rounded up to whole vectors of the widest level.
size_t gerund_attention_scratch_count(size_t keys, size_t width, size_t head_width) {
    const size_t heads = width / head_width, rows = head_width + 6 > heads ? head_width + 6 : heads;
    return (keys + 15) / 16 * 16 * rows + heads;
}

int gerund_attention_all_heads_at_once(const gerund_attention *attention) {
    return attention->query_rows < 3 || attention->keys_are_bf16;
}

gerund_kernel_level gerund_detect_kernel_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) { return GERUND_SCALAR; }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return GERUND_AVX512;
    }
    return GERUND_AVX2;
#else
    return GERUND_SCALAR;
#endif
}

const gerund_kernels *gerund_kernels_at(gerund_kernel_level level) {
    if (level > gerund_detect_kernel_level()) { return NULL; }
    switch (level) {
    case GERUND_SCALAR: return &gerund_kernels_scalar;
#if defined(__x86_64__)
    case GERUND_AVX2: return &gerund_kernels_avx2;
    case GERUND_AVX512: return &gerund_kernels_avx512;
#else
    default: break;
#endif
    }
    return NULL;
}
