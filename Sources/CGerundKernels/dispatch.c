// Which level a machine can run. A level is a bundle of features that came together in real processors.
#include "kernels_internal.h"

// Keys transposed and the scores of a block of rows, or the scores of one row in all heads and their scales; keys in
// whole vectors of the widest level.
size_t gk_attention_scratch(size_t keys, size_t width, size_t head_width) {
    const size_t heads = width / head_width, rows = head_width + 6 > heads ? head_width + 6 : heads;
    return (keys + 15) / 16 * 16 * rows + heads;
}

int gk_attention_is_whole(const gk_attention *attention) {
    return attention->query_rows < 3 || attention->keys_are_bf16;
}

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
