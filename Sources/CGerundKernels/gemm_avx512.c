// GEMM with AVX-512 and its bfloat16 and VNNI extensions.
//
// The accumulators of a tile of up to 14 rows by 32 outputs stay in 28 registers during the loop over the inputs: 16
// loads per 28 multiplications. While a panel is used, the next one is prefetched into the second-level cache, which
// hides the time to read weights from memory if there are at least some tens of rows.
#include "gemm_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx512vnni"))), apply_to = function)
#define LANES 16
#include "vector.h"

enum { TILE_ROWS = 14, BASES = (TILE_ROWS + 2) / 3, PANEL_GROUP = PANEL_OUTPUTS * GROUP_BYTES };

// Activations up to this size stay in a second-level cache of 1 MiB from panel to panel.
enum { CACHED_BYTES = 800 << 10 };

// The address of a row of a tile, from a few base addresses: adding once or twice the stride is free on x86.
#define TILE_ROW(r) (base[(r) / 3] + ((r) % 3) * stride)

// The sums of a tile; GERUND_GEMM_U8S8 has integer ones.
typedef union tile_sums {
    float sums[TILE_ROWS][PANEL_OUTPUTS];
    int32_t counts[TILE_ROWS][PANEL_OUTPUTS];
} tile_sums;

// Dequantizes integer sums: `scale` is the product of the output's and the row's scale, `offsets` the contribution of
// the row's zero point.
INLINE vec dequantized(const int32_t *counts, __m512i offsets, vec scale) {
    return (vec)_mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_loadu_si512(counts), offsets)) * scale;
}

// v * sigmoid(1.702 v) with a relative error of about 2^-13, at half the cost of the exact function: enough for results
// that are rounded to bfloat16, or whose inputs were 8-bit integers.
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

// Computes the results of a tile from its sums. What the rows share is loaded once in advance: the compiler must assume
// that every store changes it.
INLINE void finish_rows(
    const gerund_gemm_type type, const gerund_gemm_epilogue epilogue, const int is_bf16, const gerund_gemm_args *p,
    size_t first_row, size_t rows, size_t panel, const tile_sums *tile) {
    const int is_int8 = type == GERUND_GEMM_U8S8, is_coarse = is_int8 || is_bf16;
    const size_t out_stride = p->out_stride;
    const float *x_scale = is_int8 ? p->x_scale + first_row : NULL;
    const int32_t *x_zero_point = is_int8 ? p->x_zero_point + first_row : NULL;
    for (size_t output = panel * PANEL_OUTPUTS; output < (panel + 1) * PANEL_OUTPUTS; output += LANES) {
        if (output >= p->outputs) { return; }
        const size_t left = p->outputs - output, column = output - panel * PANEL_OUTPUTS;
        const __mmask16 mask = left >= LANES ? 0xffff : (__mmask16)((1u << left) - 1);
        const vec bias = p->bias ? load(p->bias + output) : splat(0);
        const vec w_scale = is_int8 ? load(p->w_scale + output) : splat(0);
        const __m512i w_sum = is_int8 ? _mm512_loadu_si512(p->w_sum + output) : _mm512_setzero_si512();
        char *to = (char *)p->out + (first_row * out_stride + output) * (is_bf16 ? sizeof(uint16_t) : sizeof(float));
        for (size_t r = 0; r < rows; r++) {
            vec v = is_int8 ? dequantized(
                        &tile->counts[r][column], _mm512_mullo_epi32(_mm512_set1_epi32(x_zero_point[r]), w_sum),
                        w_scale * x_scale[r])
                            : load(&tile->sums[r][column]);
            v += bias;
            if (epilogue == GERUND_GEMM_QUICK_GELU) {
                v = is_coarse ? (vec)coarse_quick_gelu((__m512)v) : quick_gelu_of(v);
            }
            if (is_bf16) {
                uint16_t *out = (uint16_t *)to + r * out_stride;
                _mm256_mask_storeu_epi16(out, mask, (__m256i)_mm512_cvtneps_pbh((__m512)v));
                continue;
            }
            float *out = (float *)to + r * out_stride;
            if (epilogue == GERUND_GEMM_ACCUMULATE) { v += (vec)_mm512_maskz_loadu_ps(mask, out); }
            _mm512_mask_storeu_ps(out, mask, (__m512)v);
        }
    }
}

// The epilogue of a tile. Separate from the loop over the inputs, so that its code exists once and that loop has all
// registers.
INLINE void finish(
    const gerund_gemm_type type, const gerund_gemm_args *p, size_t first_row, size_t rows, size_t panel,
    const tile_sums *tile) {
    const int is_bf16 = p->out_is_bf16;
#define FINISH(epilogue, is_bf16) finish_rows(type, epilogue, is_bf16, p, first_row, rows, panel, tile)
    switch (p->epilogue) {
    case GERUND_GEMM_STORE: return is_bf16 ? FINISH(GERUND_GEMM_STORE, 1) : FINISH(GERUND_GEMM_STORE, 0);
    case GERUND_GEMM_QUICK_GELU: return is_bf16 ? FINISH(GERUND_GEMM_QUICK_GELU, 1) : FINISH(GERUND_GEMM_QUICK_GELU, 0);
    case GERUND_GEMM_ACCUMULATE: return FINISH(GERUND_GEMM_ACCUMULATE, 0);
    }
}

// Prefetches the cache lines of a tile's results for writing: the core of another thread may have written them last.
INLINE void prefetch_results(const gerund_gemm_args *p, size_t first_row, size_t rows, size_t panel) {
    const size_t size = p->out_is_bf16 ? 2 : 4;
    for (size_t r = 0; r < rows; r++) {
        const char *to = (const char *)p->out + ((first_row + r) * p->out_stride + panel * PANEL_OUTPUTS) * size;
        __builtin_prefetch(to, 1);
        if (size == 4) { __builtin_prefetch(to + 64, 1); }
    }
}

// The part of `p->prefetch` that a tile prefetches, `step` bytes per group, or NULL. The third tile of a panel and
// those after it, which have nothing else to prefetch, divide the panel's part among them, at most a cache line per
// group.
INLINE const char *prefetch_part(const gerund_gemm_args *p, size_t panel, size_t tile, size_t *step) {
    const size_t line = 64, panels = (p->outputs + PANEL_OUTPUTS - 1) / PANEL_OUTPUTS;
    const size_t share = (p->prefetch_bytes + panels * line - 1) / (panels * line) * line;
    *step = share < p->groups * line ? (share + p->groups - 1) / p->groups : line;
    const size_t within = tile < 2 ? 0 : (tile - 2) * p->groups * *step, at = panel * share + within;
    return tile >= 2 && within < share && at < p->prefetch_bytes ? (const char *)p->prefetch + at : NULL;
}

// Computes the sums of `rows` rows from `first_row` on and the outputs of one panel. Two cache lines are prefetched per
// group: from `weights` on and from `inputs` on, each by its step in bytes after the last one; a step of 0 prefetches
// nothing new.
INLINE void tile(
    const gerund_gemm_type type, const size_t rows, const gerund_gemm_args *p, size_t first_row, const char *panel,
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
            const __m512 x = _mm512_set1_ps(*(const float *)(TILE_ROW(r) + GROUP_BYTES * g));
            switch (type) {
            case GERUND_GEMM_F32:
                sums[r][0] = _mm512_fmadd_ps(x, w0, sums[r][0]);
                sums[r][1] = _mm512_fmadd_ps(x, w1, sums[r][1]);
                break;
            case GERUND_GEMM_BF16:
                sums[r][0] = _mm512_dpbf16_ps(sums[r][0], (__m512bh)x, (__m512bh)w0);
                sums[r][1] = _mm512_dpbf16_ps(sums[r][1], (__m512bh)x, (__m512bh)w1);
                break;
            case GERUND_GEMM_U8S8:
                counts[r][0] = _mm512_dpbusd_epi32(counts[r][0], (__m512i)x, (__m512i)w0);
                counts[r][1] = _mm512_dpbusd_epi32(counts[r][1], (__m512i)x, (__m512i)w1);
                break;
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t half = 0; half < 2; half++) {
            if (type == GERUND_GEMM_U8S8) {
                _mm512_storeu_si512(&out->counts[r][half * LANES], counts[r][half]);
            } else {
                _mm512_storeu_ps(&out->sums[r][half * LANES], sums[r][half]);
            }
        }
    }
}

#define TILE_CASE(type, count)                                                                                         \
    case count: tile(type, count, p, row, at, next, step, ahead, ahead_step, &sums); break;
#define DEFINE_GEMM(name, type)                                                                                        \
    static void name(const gerund_gemm_args *p, size_t first, size_t end) {                                            \
        const size_t panel_bytes = p->groups * PANEL_GROUP;                                                            \
        const size_t tiles = (p->rows + TILE_ROWS - 1) / TILE_ROWS;                                                    \
        const int stays = p->rows * p->x_stride < CACHED_BYTES;                                                        \
        tile_sums sums;                                                                                                \
        for (size_t panel = first; panel < end; panel++) {                                                             \
            const char *at = (const char *)p->panels + panel * panel_bytes;                                            \
            for (size_t t = 0; t < tiles; t++) {                                                                       \
                const size_t row = p->rows * t / tiles, rows = p->rows * (t + 1) / tiles - row;                        \
                /* A tile prefetches half of the next panel, or all of it if it is the only tile. */                   \
                const int prefetches = t < 2 && panel + 1 < end;                                                       \
                size_t prefetch_step;                                                                                  \
                const char *prefetch = prefetch_part(p, panel, t, &prefetch_step);                                     \
                const char *next = prefetches ? at + panel_bytes + t * (panel_bytes / 2) : prefetch ? prefetch : at;   \
                const size_t step = prefetches ? (tiles == 1 ? 128 : 64) : prefetch ? prefetch_step : 0;               \
                /* And the next tile's rows, which other threads wrote or which were evicted. */                       \
                const int is_far = t + 1 < tiles && (panel == first || !stays);                                        \
                const char *ahead = is_far ? (const char *)p->x + (row + rows) * p->x_stride : next + 64;              \
                const size_t ahead_step = is_far ? 64 : tiles == 1 ? step : 0;                                         \
                prefetch_results(p, row, rows, panel);                                                                 \
                switch (rows) {                                                                                        \
                    TILE_CASE(type, 1)                                                                                 \
                    TILE_CASE(type, 2)                                                                                 \
                    TILE_CASE(type, 3)                                                                                 \
                    TILE_CASE(type, 4)                                                                                 \
                    TILE_CASE(type, 5)                                                                                 \
                    TILE_CASE(type, 6)                                                                                 \
                    TILE_CASE(type, 7)                                                                                 \
                    TILE_CASE(type, 8)                                                                                 \
                    TILE_CASE(type, 9)                                                                                 \
                    TILE_CASE(type, 10)                                                                                \
                    TILE_CASE(type, 11)                                                                                \
                    TILE_CASE(type, 12)                                                                                \
                    TILE_CASE(type, 13)                                                                                \
                    TILE_CASE(type, 14)                                                                                \
                }                                                                                                      \
                finish(type, p, row, rows, panel, &sums);                                                              \
            }                                                                                                          \
        }                                                                                                              \
    }

// The caller has checked that the processor has the instructions.
DEFINE_GEMM(gemm_f32, GERUND_GEMM_F32)
DEFINE_GEMM(gemm_bf16, GERUND_GEMM_BF16)
DEFINE_GEMM(gemm_u8s8, GERUND_GEMM_U8S8)

#pragma clang attribute pop

void gerund_gemm_avx512(gerund_gemm_type type, const gerund_gemm_args *args, size_t first, size_t end) {
    switch (type) {
    case GERUND_GEMM_F32: return gemm_f32(args, first, end);
    case GERUND_GEMM_BF16: return gemm_bf16(args, first, end);
    case GERUND_GEMM_U8S8: return gemm_u8s8(args, first, end);
    }
}
#endif
