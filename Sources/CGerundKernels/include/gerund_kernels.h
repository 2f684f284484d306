// Row kernels of the model, one const table per instruction-set level.
//
// No policy, no state, no allocation, no threads: any thread may call any kernel. Matrices are row-major; a stride is
// the distance from one row to the next in elements, so rows may be a part of a wider matrix. Sizes are the caller's
// promise and are not checked here.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum gk_level { GK_SCALAR = 0, GK_AVX2 = 1, GK_AVX512 = 2 } gk_level;

_Static_assert(sizeof(gk_level) == 4, "Swift sees a 32-bit raw value");

// Scaled dot-product attention of one sequence: softmax(scale * q k^T) v, each head for itself.
typedef struct gk_attention {
    // [query_rows, width]; heads are consecutive columns.
    const float *queries;
    size_t query_stride, query_rows;
    // [key_rows, 2 width]: a row's key, then its value; floats, or bfloat16 bits where so many rows are kept that
    // memory counts. And more of them that are stored elsewhere, always floats.
    const void *keys;
    int keys_are_bf16;
    size_t key_stride, key_rows;
    const float *_Nullable extra_keys;
    size_t extra_stride, extra_rows;
    size_t width, head_width;
    float scale;
    // Query r sees the keys 0...r only; not with extra keys.
    int is_causal;
    // [query_rows, width].
    float *out;
    size_t out_stride;
    // [query_rows, heads] or NULL: the weight that each query gives to the first extra key is added.
    float *_Nullable extra_attention;
    size_t extra_attention_stride;
} gk_attention;

typedef struct gk_kernels {
    // out[r, c] = (x[r, c] - mean[r]) / sqrt(variance[r] + epsilon) * weight[c] + bias[c], biased variance.
    // `out` may be `x`.
    void (*layer_norm)(
        float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
        const float *weight, const float *bias, float epsilon);

    // In place: x[r, c] = f(x[r, c] + bias[c]); no bias when it is NULL.
    // quick_gelu is v * sigmoid(1.702 v), gelu is v * (1 + erf(v / sqrt 2)) / 2.
    void (*quick_gelu)(float *x, size_t stride, size_t rows, size_t columns, const float *_Nullable bias);
    void (*gelu)(float *x, size_t stride, size_t rows, size_t columns, const float *_Nullable bias);

    // In place: x[r, c] += bias[c].
    void (*add_bias)(float *x, size_t stride, size_t rows, size_t columns, const float *bias);

    // out[r, c] += x[r, c].
    void (*add)(float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns);

    // out[r, c] += scale[c] * x[r, c].
    void (*add_scaled)(
        float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
        const float *scale);

    // In place: every row divided by its Euclidean length; a row of zeros gives NaN, as in the reference.
    void (*l2_normalize)(float *x, size_t stride, size_t rows, size_t columns);

    // out[c] = mean over the rows of x[r, c].
    void (*mean_rows)(float *out, const float *x, size_t stride, size_t rows, size_t columns);

    // out[r * out_stride] = scale * sum over c of x[r, c] * y[c].
    void (*dots)(
        float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns, const float *y,
        float scale);

    // Bytes to the patch rows of a convolution whose stride is its size.
    // rgb [height, width, 3]; table [3, 256] is the value of each byte; out [height / patch * width / patch,
    // 3 * patch * patch] with columns ordered channel, row, column. patch divides both edges.
    void (*patches_from_rgb)(
        float *out, size_t out_stride, const uint8_t *rgb, size_t height, size_t width, size_t patch,
        const float *table);

    // The same rows from values [3, height, width] that are normalised already.
    void (*patches_from_planes)(
        float *out, size_t out_stride, const float *planes, size_t height, size_t width, size_t patch);

    // out[r, c] = x[r, c] as bfloat16 bits, rounded to nearest with ties to even; NaN stays NaN.
    void (*to_bfloat16)(
        uint16_t *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns);

    // x[r, c] = scale[r] * (out[r, c] - zero[r]), nearly: of a row's values and 0, the least becomes 0, the greatest 255.
    void (*to_bytes)(
        uint8_t *out, size_t out_stride, float *scale, int32_t *zero, const float *x, size_t x_stride, size_t rows,
        size_t columns);

    // Attention in the heads from `first` up to `end`; the scratch is of gk_attention_scratch floats.
    void (*attend)(const gk_attention *attention, size_t first, size_t end, float *scratch);
} gk_kernels;

// How many floats the attention over so many keys takes beside its results.
size_t gk_attention_scratch(size_t keys, size_t width, size_t head_width);

// Whether all heads are done together, row by row: with few rows the time goes into fetching keys and values, and
// bfloat16 is only read this way.
int gk_attention_is_whole(const gk_attention *attention);

// The highest level that this processor and operating system can run.
gk_level gk_detect_level(void);

// The kernels of a level, or NULL when this machine can't run it.
const gk_kernels *_Nullable gk_kernels_at(gk_level level);

#pragma clang assume_nonnull end
