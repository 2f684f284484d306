// Row kernels of the model, one constant table per instruction-set level.
//
// Kernels keep no state, allocate no memory and start no threads: any thread may call any kernel. Matrices are
// row-major; a stride is the distance between the starts of two rows in elements, so rows may be a part of a wider
// matrix. Sizes aren't checked: the caller guarantees them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum gerund_kernel_level { GERUND_SCALAR = 0, GERUND_AVX2 = 1, GERUND_AVX512 = 2 } gerund_kernel_level;

_Static_assert(sizeof(gerund_kernel_level) == 4, "Swift sees a 32-bit raw value");

// Scaled dot-product attention of one sequence: softmax(scale * q k^T) v for each head.
typedef struct gerund_attention {
    // [query_rows, width]; heads are consecutive columns.
    const float *queries;
    size_t query_stride, query_rows;
    // [key_rows, 2 width]: the key of a row, then its value; floats, or bfloat16 bits in a key-value cache.
    const void *keys;
    int keys_are_bf16;
    size_t key_stride, key_rows;
    // [message_rows, 2 width] or NULL: keys and values that are stored apart, always floats, and follow the others.
    const float *_Nullable message_keys;
    size_t message_stride, message_rows;
    size_t width, head_width;
    float scale;
    // True if query r attends to the keys 0...r only; not with message keys.
    int is_causal;
    // [query_rows, width].
    float *out;
    size_t out_stride;
    // [query_rows, heads] or NULL: the weight that each query gives to the first message key is added to it.
    float *_Nullable message_attention;
    size_t message_attention_stride;
} gerund_attention;

typedef struct gerund_kernels {
    // out[r, c] = (x[r, c] - mean[r]) / sqrt(variance[r] + epsilon) * weight[c] + bias[c], biased variance.
    // `out` may be `x`.
    void (*layer_norm)(
        float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
        const float *weight, const float *bias, float epsilon);

    // In place: x[r, c] = f(x[r, c] + bias[c]); no bias if it is NULL.
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
    void (*mean_over_rows)(float *out, const float *x, size_t stride, size_t rows, size_t columns);

    // out[r * out_stride] = scale * sum over c of x[r, c] * y[c].
    void (*dot_products)(
        float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns, const float *y,
        float scale);

    // im2col of an RGB image for a convolution whose stride is its kernel size. rgb [height, width, 3]; table [3, 256]
    // is the value of each byte per channel; out [height / patch * width / patch, 3 * patch * patch] with columns
    // ordered channel, row, column. `patch` divides height and width.
    void (*patches_from_rgb)(
        float *out, size_t out_stride, const uint8_t *rgb, size_t height, size_t width, size_t patch,
        const float *table);

    // The same of normalized values, planes [3, height, width].
    void (*patches_from_planes)(
        float *out, size_t out_stride, const float *planes, size_t height, size_t width, size_t patch);

    // out[r, c] = x[r, c] as bfloat16 bits, rounded to nearest with ties to even; NaN stays NaN.
    void (*to_bfloat16)(
        uint16_t *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns);

    // Asymmetric quantization per row: out[r, c] = round(x[r, c] / scale[r]) + zero_point[r], clamped to 0...255, where
    // the smallest of 0 and a row's values becomes 0 and the largest 255.
    void (*quantize_u8)(
        uint8_t *out, size_t out_stride, float *scale, int32_t *zero_point, const float *x, size_t x_stride,
        size_t rows, size_t columns);

    // Attention of the heads `first`..<`end`. `scratch` has gerund_attention_scratch_count floats.
    void (*attend)(const gerund_attention *attention, size_t first, size_t end, float *scratch);
} gerund_kernels;

// The number of floats of scratch memory for attention over a number of keys.
size_t gerund_attention_scratch_count(size_t keys, size_t width, size_t head_width);

// Returns whether all heads are computed together, key by key: with one or two queries the time goes into loading keys
// and values, and bfloat16 keys are read in this way only.
int gerund_attention_all_heads_at_once(const gerund_attention *attention);

// The highest level that this processor and operating system can run.
gerund_kernel_level gerund_detect_kernel_level(void);

// The kernels of a level, or NULL if this machine can't run it.
const gerund_kernels *_Nullable gerund_kernels_at(gerund_kernel_level level);

#pragma clang assume_nonnull end
