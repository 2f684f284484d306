// Detects whether this machine can run the GEMM kernels, and packs weights for them. They need AVX-512 with its
// bfloat16 and VNNI extensions (Intel from Cooper Lake and Sapphire Rapids on, AMD from Zen 4 on); other processors use
// a library.
#include "gemm_internal.h"

#include <math.h>
#include <string.h>

#include "kernels_internal.h"

int gerund_gemm_supports(gerund_gemm_type type) {
    (void)type;  // processors support all three types or none
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16")
        && __builtin_cpu_supports("avx512vnni");
#else
    return 0;
#endif
}

void gerund_gemm(gerund_gemm_type type, const gerund_gemm_args *args, size_t first, size_t end) {
#if defined(__x86_64__)
    gerund_gemm_avx512(type, args, first, end);
#else
    (void)type, (void)args, (void)first, (void)end;
#endif
}

static size_t group_inputs(gerund_gemm_type type) {
    switch (type) {
    case GERUND_GEMM_F32: return 1;
    case GERUND_GEMM_BF16: return 2;
    case GERUND_GEMM_U8S8: return 4;
    }
    return 1;
}

static size_t whole(size_t count, size_t unit) { return (count + unit - 1) / unit; }

size_t gerund_gemm_panel_bytes(gerund_gemm_type type, size_t outputs, size_t inputs) {
    return whole(outputs, PANEL_OUTPUTS) * whole(inputs, group_inputs(type)) * PANEL_OUTPUTS * GROUP_BYTES;
}

void gerund_gemm_pack(
    gerund_gemm_type type, const float *weights, size_t outputs, size_t inputs, void *panels, float *w_scale,
    int32_t *w_sum) {
    const size_t per_group = group_inputs(type), groups = whole(inputs, per_group);
    memset(panels, 0, gerund_gemm_panel_bytes(type, outputs, inputs));
    for (size_t output = 0; output < outputs; output++) {
        const float *row = weights + output * inputs;
        char *to = (char *)panels
            + (output / PANEL_OUTPUTS * groups * PANEL_OUTPUTS + output % PANEL_OUTPUTS) * GROUP_BYTES;
        float top = 0, factor = 1;
        if (type == GERUND_GEMM_U8S8) {
            for (size_t i = 0; i < inputs; i++) { top = fmaxf(top, fabsf(row[i])); }
            w_scale[output] = top > 0 ? top / 127 : 1;
            w_sum[output] = 0;
            factor = 1 / w_scale[output];
        }
        for (size_t i = 0; i < inputs; i++) {
            char *at = to + i / per_group * PANEL_OUTPUTS * GROUP_BYTES;
            switch (type) {
            case GERUND_GEMM_F32: memcpy(at, &row[i], sizeof row[i]); break;
            case GERUND_GEMM_BF16: ((uint16_t *)at)[i % 2] = gerund_bfloat16_bits(row[i]); break;
            case GERUND_GEMM_U8S8: {
                const long n = lrintf(row[i] * factor);
                ((int8_t *)at)[i % 4] = (int8_t)n;
                w_sum[output] += (int32_t)n;
                break;
            }
            }
        }
    }
    if (type != GERUND_GEMM_U8S8) { return; }
    for (size_t output = outputs; output < whole(outputs, PANEL_OUTPUTS) * PANEL_OUTPUTS; output++) {
        w_scale[output] = 0;
        w_sum[output] = 0;
    }
}
