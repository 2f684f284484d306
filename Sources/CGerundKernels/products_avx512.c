// Products by AVX-512 and its extensions for bfloat16 and bytes.
//
// A tile of up to 14 rows by 32 outputs stays in 28 registers while the inputs go by: 16 loads for 28
// multiplications. While a panel is used, the next one is fetched into the second-level cache, so that weights that
// come from memory cost no time of their own as long as there are some tens of rows.
#include "products_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni"))), apply_to = function)
#define LANES 16
#include "vector.h"

enum { TILE_ROWS = 14, BASES = (TILE_ROWS + 2) / 3, PANEL_GROUP = GK_PANEL_OUTPUTS * GK_GROUP_BYTES };

// Activations up to this size stay in a core's second-level cache from panel to panel, where that has 1 MiB.
enum { STAYING_BYTES = 800 << 10 };

// A row of a tile from few base addresses: the processor adds once or twice the stride for nothing.
#define TILE_ROW(r) (base[(r) / 3] + ((r) % 3) * stride)

// A tile's sums on their way to memory; those of bytes are whole numbers.
typedef union tile_sums {
    float sums[TILE_ROWS][GK_PANEL_OUTPUTS];
    int32_t counts[TILE_ROWS][GK_PANEL_OUTPUTS];
} tile_sums;

// What the sums of bytes are worth: `scale` is the output's and the row's together, `zeros` what the row's zero added.
INLINE vec dequantized(const int32_t *counts, __m512i zeros, vec scale) {
    return (vec)_mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_loadu_si512(counts), zeros)) * scale;
}

// v * sigmoid(1.702 v) to some 2^-13: enough for what is rounded to bfloat16 next, or comes from bytes, at half the cost
// of the exact one.
INLINE __m512 coarse_quick_gelu(__m512 v) {
    // 2^t = e^(-1.702 v) = 2^whole * 2^rest with |rest| <= 1/2; at both ends of the range the quotient is right, since
    // 1 / infinity is 0.
    const __m512 t = _mm512_mul_ps(v, _mm512_set1_ps(-2.45546696f));
    const __m512 whole = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 rest = _mm512_sub_ps(t, whole);
    __m512 p = _mm512_fmadd_ps(rest, _mm512_set1_ps(9.6181291e-3f), _mm512_set1_ps(5.5504109e-2f));
    p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(2.4022651e-1f));
    p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(6.9314718e-1f));
    p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(1));
    const __m512 power = _mm512_scalef_ps(p, whole);
    return _mm512_mul_ps(v, _mm512_rcp14_ps(_mm512_add_ps(power, _mm512_set1_ps(1))));
}

// The results of a tile from its sums. What the rows share is read once, since for all that the compiler knows every
// result changes it.
INLINE void finish_rows(
    const gk_format format, const gk_epilogue epilogue, const int is_bf16, const gk_product *p, size_t first_row,
    size_t rows, size_t panel, const tile_sums *tile) {
    const int is_int8 = format == GK_FORMAT_INT8, is_coarse = is_int8 || is_bf16;
    const size_t out_stride = p->out_stride;
    const float *x_scale = is_int8 ? p->x_scale + first_row : NULL;
    const int32_t *x_zero = is_int8 ? p->x_zero + first_row : NULL;
    for (size_t output = panel * GK_PANEL_OUTPUTS; output < (panel + 1) * GK_PANEL_OUTPUTS; output += LANES) {
        if (output >= p->outputs) { return; }
        const size_t left = p->outputs - output, column = output - panel * GK_PANEL_OUTPUTS;
        const __mmask16 mask = left >= LANES ? 0xffff : (__mmask16)((1u << left) - 1);
        const vec bias = p->bias ? load(p->bias + output) : splat(0);
        const vec w_scale = is_int8 ? load(p->w_scale + output) : splat(0);
        const __m512i w_sum = is_int8 ? _mm512_loadu_si512(p->w_sum + output) : _mm512_setzero_si512();
        char *to = (char *)p->out + (first_row * out_stride + output) * (is_bf16 ? sizeof(uint16_t) : sizeof(float));
        for (size_t r = 0; r < rows; r++) {
            vec v = is_int8 ? dequantized(
                        &tile->counts[r][column], _mm512_mullo_epi32(_mm512_set1_epi32(x_zero[r]), w_sum),
                        w_scale * x_scale[r])
                            : load(&tile->sums[r][column]);
            v += bias;
            if (epilogue == GK_QUICK_GELU) { v = is_coarse ? (vec)coarse_quick_gelu((__m512)v) : quick_gelu_of(v); }
            if (is_bf16) {
                uint16_t *out = (uint16_t *)to + r * out_stride;
                _mm256_mask_storeu_epi16(out, mask, (__m256i)_mm512_cvtneps_pbh((__m512)v));
                continue;
            }
            float *out = (float *)to + r * out_stride;
            if (epilogue == GK_ACCUMULATE) { v += (vec)_mm512_maskz_loadu_ps(mask, out); }
            _mm512_mask_storeu_ps(out, mask, (__m512)v);
        }
    }
}

// What follows the sums of a tile. Apart from the sums' loop, so that its code stands once and that loop keeps all
// registers.
INLINE void finish(
    const gk_format format, const gk_product *p, size_t first_row, size_t rows, size_t panel, const tile_sums *tile) {
    const int is_bf16 = p->out_is_bf16;
#define FINISH(epilogue, is_bf16) finish_rows(format, epilogue, is_bf16, p, first_row, rows, panel, tile)
    switch (p->epilogue) {
    case GK_STORE: return is_bf16 ? FINISH(GK_STORE, 1) : FINISH(GK_STORE, 0);
    case GK_QUICK_GELU: return is_bf16 ? FINISH(GK_QUICK_GELU, 1) : FINISH(GK_QUICK_GELU, 0);
    case GK_ACCUMULATE: return FINISH(GK_ACCUMULATE, 0);
    }
}

// Asks for the lines that a tile's results go to: the other rows' and columns' owner had them last.
INLINE void fetch_results(const gk_product *p, size_t first_row, size_t rows, size_t panel) {
    const size_t size = p->out_is_bf16 ? 2 : 4;
    for (size_t r = 0; r < rows; r++) {
        const char *to = (const char *)p->out + ((first_row + r) * p->out_stride + panel * GK_PANEL_OUTPUTS) * size;
        __builtin_prefetch(to, 1);
        if (size == 4) { __builtin_prefetch(to + 64, 1); }
    }
}

// What a tile fetches of what a later product will read, some bytes for each group, or NULL: the third tile of a panel
// and those after it, which have nothing else to fetch, share out the panel's part of it, at most a line for each group.
INLINE const char *later_part(const gk_product *p, size_t panel, size_t tile, size_t *step) {
    const size_t line = 64, panels = (p->outputs + GK_PANEL_OUTPUTS - 1) / GK_PANEL_OUTPUTS;
    const size_t share = (p->later_bytes + panels * line - 1) / (panels * line) * line;
    *step = share < p->groups * line ? (share + p->groups - 1) / p->groups : line;
    const size_t within = tile < 2 ? 0 : (tile - 2) * p->groups * *step, at = panel * share + within;
    return tile >= 2 && within < share && at < p->later_bytes ? (const char *)p->later + at : NULL;
}

// `rows` from `first_row` on by the outputs of one panel. Two lines of what will be needed soon are fetched for every
// group: from `weights` on and from `inputs` on, each some bytes after the last; 0 bytes for nothing.
INLINE void tile(
    const gk_format format, const size_t rows, const gk_product *p, size_t first_row, const char *panel,
    const char *weights, size_t weights_step, const char *inputs, size_t inputs_step, tile_sums *out) {
    const size_t stride = p->x_stride, groups = p->groups;
    const char *base[BASES];
    for (size_t i = 0; i < BASES; i++) {
        base[i] = (const char *)p->x + (first_row + (i * 3 < rows ? i * 3 : 0)) * stride;
    }
    __m512 sums[TILE_ROWS][2];
    __m512i counts[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (int half = 0; half < 2; half++) {
            sums[r][half] = _mm512_setzero_ps();
            counts[r][half] = _mm512_setzero_si512();
        }
    }
    for (size_t g = 0; g < groups; g++) {
        const __m512 w0 = _mm512_loadu_ps(panel + PANEL_GROUP * g), w1 = _mm512_loadu_ps(panel + PANEL_GROUP * g + 64);
        _mm_prefetch(weights + weights_step * g, _MM_HINT_T1);
        _mm_prefetch(inputs + inputs_step * g, _MM_HINT_T1);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            const __m512 x = _mm512_set1_ps(*(const float *)(TILE_ROW(r) + GK_GROUP_BYTES * g));
            switch (format) {
            case GK_FORMAT_F32:
                sums[r][0] = _mm512_fmadd_ps(x, w0, sums[r][0]);
                sums[r][1] = _mm512_fmadd_ps(x, w1, sums[r][1]);
                break;
            case GK_FORMAT_BF16:
                sums[r][0] = _mm512_dpbf16_ps(sums[r][0], (__m512bh)x, (__m512bh)w0);
                sums[r][1] = _mm512_dpbf16_ps(sums[r][1], (__m512bh)x, (__m512bh)w1);
                break;
            case GK_FORMAT_INT8:
                counts[r][0] = _mm512_dpbusd_epi32(counts[r][0], (__m512i)x, (__m512i)w0);
                counts[r][1] = _mm512_dpbusd_epi32(counts[r][1], (__m512i)x, (__m512i)w1);
                break;
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t half = 0; half < 2; half++) {
            if (format == GK_FORMAT_INT8) {
                _mm512_storeu_si512(&out->counts[r][half * LANES], counts[r][half]);
            } else {
                _mm512_storeu_ps(&out->sums[r][half * LANES], sums[r][half]);
            }
        }
    }
}

#define TILE_CASE(format, count)                                                                                       \
    case count: tile(format, count, p, row, at, next, step, ahead, ahead_step, &sums); break;
#define PRODUCT(name, format)                                                                                          \
    static void name(const gk_product *p, size_t first, size_t end) {                                                  \
        const size_t panel_bytes = p->groups * PANEL_GROUP;                                                            \
        const size_t tiles = (p->rows + TILE_ROWS - 1) / TILE_ROWS;                                                    \
        const int stays = p->rows * p->x_stride < STAYING_BYTES;                                                       \
        tile_sums sums;                                                                                                \
        for (size_t panel = first; panel < end; panel++) {                                                             \
            const char *at = (const char *)p->panels + panel * panel_bytes;                                            \
            for (size_t t = 0; t < tiles; t++) {                                                                       \
                const size_t row = p->rows * t / tiles, rows = p->rows * (t + 1) / tiles - row;                        \
                /* A tile fetches a half of the next panel, or all of it where it is the only one. */                  \
                const int fetches = t < 2 && panel + 1 < end;                                                          \
                size_t later_step;                                                                                     \
                const char *later = later_part(p, panel, t, &later_step);                                              \
                const char *next = fetches ? at + panel_bytes + t * (panel_bytes / 2) : later ? later : at;            \
                const size_t step = fetches ? (tiles == 1 ? 128 : 64) : later ? later_step : 0;                        \
                /* And the next tile's rows, which other threads wrote, or which have had to make way. */              \
                const int is_far = t + 1 < tiles && (panel == first || !stays);                                        \
                const char *ahead = is_far ? (const char *)p->x + (row + rows) * p->x_stride : next + 64;              \
                const size_t ahead_step = is_far ? 64 : tiles == 1 ? step : 0;                                         \
                fetch_results(p, row, rows, panel);                                                                    \
                switch (rows) {                                                                                        \
                    TILE_CASE(format, 1)                                                                               \
                    TILE_CASE(format, 2)                                                                               \
                    TILE_CASE(format, 3)                                                                               \
                    TILE_CASE(format, 4)                                                                               \
                    TILE_CASE(format, 5)                                                                               \
                    TILE_CASE(format, 6)                                                                               \
                    TILE_CASE(format, 7)                                                                               \
                    TILE_CASE(format, 8)                                                                               \
                    TILE_CASE(format, 9)                                                                               \
                    TILE_CASE(format, 10)                                                                              \
                    TILE_CASE(format, 11)                                                                              \
                    TILE_CASE(format, 12)                                                                              \
                    TILE_CASE(format, 13)                                                                              \
                    TILE_CASE(format, 14)                                                                              \
                }                                                                                                      \
                finish(format, p, row, rows, panel, &sums);                                                            \
            }                                                                                                          \
        }                                                                                                              \
    }

// Written for the features of their callers, which have checked them.
PRODUCT(product_f32, GK_FORMAT_F32)
PRODUCT(product_bf16, GK_FORMAT_BF16)
PRODUCT(product_int8, GK_FORMAT_INT8)

#pragma clang attribute pop

void gk_multiply_avx512(gk_format format, const gk_product *product, size_t first, size_t end) {
    switch (format) {
    case GK_FORMAT_F32: return product_f32(product, first, end);
    case GK_FORMAT_BF16: return product_bf16(product, first, end);
    case GK_FORMAT_INT8: return product_int8(product, first, end);
    }
}
#endif
