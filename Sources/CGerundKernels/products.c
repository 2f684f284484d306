// Which products a machine can run. The file for AVX-512 is compiled as a whole for processors that have it with both
// extensions (Intel from Cooper Lake and Sapphire Rapids, AMD from Zen 4 on); others leave products to a library.
#include "products_internal.h"

#include <math.h>
#include <string.h>

#include "kernels_internal.h"

int gk_can_multiply(gk_format format) {
    (void)format;  // processors have all three or none
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

void gk_multiply(gk_format format, const gk_product *product, size_t first, size_t end) {
#if defined(__x86_64__)
    gk_multiply_avx512(format, product, first, end);
#else
    (void)format, (void)product, (void)first, (void)end;
#endif
}

static size_t group_inputs(gk_format format) {
    switch (format) {
    case GK_FORMAT_F32: return 1;
    case GK_FORMAT_BF16: return 2;
    case GK_FORMAT_INT8: return 4;
    }
    return 1;
}

static size_t whole(size_t count, size_t unit) { return (count + unit - 1) / unit; }

size_t gk_panel_bytes(gk_format format, size_t outputs, size_t inputs) {
    return whole(outputs, GK_PANEL_OUTPUTS) * whole(inputs, group_inputs(format)) * GK_PANEL_OUTPUTS * GK_GROUP_BYTES;
}

void gk_pack(
    gk_format format, const float *weights, size_t outputs, size_t inputs, void *panels, float *w_scale,
    int32_t *w_sum) {
    const size_t per_group = group_inputs(format), groups = whole(inputs, per_group);
    memset(panels, 0, gk_panel_bytes(format, outputs, inputs));
    for (size_t output = 0; output < outputs; output++) {
        const float *row = weights + output * inputs;
        char *to = (char *)panels
            + (output / GK_PANEL_OUTPUTS * groups * GK_PANEL_OUTPUTS + output % GK_PANEL_OUTPUTS) * GK_GROUP_BYTES;
        float top = 0, factor = 1;
        if (format == GK_FORMAT_INT8) {
            for (size_t i = 0; i < inputs; i++) { top = fmaxf(top, fabsf(row[i])); }
            w_scale[output] = top > 0 ? top / 127 : 1;
            w_sum[output] = 0;
            factor = 1 / w_scale[output];
        }
        for (size_t i = 0; i < inputs; i++) {
            char *at = to + i / per_group * GK_PANEL_OUTPUTS * GK_GROUP_BYTES;
            switch (format) {
            case GK_FORMAT_F32: memcpy(at, &row[i], sizeof row[i]); break;
            case GK_FORMAT_BF16: ((uint16_t *)at)[i % 2] = gk_bfloat16(row[i]); break;
            case GK_FORMAT_INT8: {
                const long n = lrintf(row[i] * factor);
                ((int8_t *)at)[i % 4] = (int8_t)n;
                w_sum[output] += (int32_t)n;
                break;
            }
            }
        }
    }
    if (format != GK_FORMAT_INT8) { return; }
    for (size_t output = outputs; output < whole(outputs, GK_PANEL_OUTPUTS) * GK_PANEL_OUTPUTS; output++) {
        w_scale[output] = 0;
        w_sum[output] = 0;
    }
}
