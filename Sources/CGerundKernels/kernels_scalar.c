// The reference implementation: one element at a time, sums in double precision, the C library's exponential.
#include <math.h>
#include <string.h>

#include "kernels_internal.h"

static void layer_norm(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
    const float *weight, const float *bias, float epsilon) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        double sum = 0;
        for (size_t c = 0; c < columns; c++) { sum += row[c]; }
        const double mean = sum / columns;
        double squares = 0;
        for (size_t c = 0; c < columns; c++) { squares += (row[c] - mean) * (row[c] - mean); }
        const double scale = 1 / sqrt(squares / columns + epsilon);
        for (size_t c = 0; c < columns; c++) {
            out[r * out_stride + c] = (float)((row[c] - mean) * scale) * weight[c] + bias[c];
        }
    }
}

static void quick_gelu(float *x, size_t stride, size_t rows, size_t columns, const float *bias) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            const float v = x[r * stride + c] + (bias ? bias[c] : 0);
            x[r * stride + c] = v / (1 + expf(-1.702f * v));  // 1.702: as OpenAI's CLIP
        }
    }
}

void gerund_gelu_scalar(float *x, size_t stride, size_t rows, size_t columns, const float *bias) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            const float v = x[r * stride + c] + (bias ? bias[c] : 0);
            x[r * stride + c] = 0.5f * v * (1 + erff(v * 0.70710678118654752f));
        }
    }
}

static void to_bfloat16(
    uint16_t *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * out_stride + c] = gerund_bfloat16_bits(x[r * x_stride + c]); }
    }
}

static void quantize_u8(
    uint8_t *out, size_t out_stride, float *scale, int32_t *zero_point, const float *x, size_t x_stride, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        float maximum = 0, minimum = 0;
        for (size_t c = 0; c < columns; c++) {
            maximum = fmaxf(maximum, row[c]);
            minimum = fminf(minimum, row[c]);
        }
        gerund_u8_quantization(maximum, minimum, &scale[r], &zero_point[r]);
        for (size_t c = 0; c < columns; c++) {
            out[r * out_stride + c] = gerund_quantized_u8(row[c], 1 / scale[r], zero_point[r]);
        }
    }
}

static void add_bias(float *x, size_t stride, size_t rows, size_t columns, const float *bias) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { x[r * stride + c] += bias[c]; }
    }
}

static void add(float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * out_stride + c] += x[r * x_stride + c]; }
    }
}

static void add_scaled(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
    const float *scale) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * out_stride + c] += scale[c] * x[r * x_stride + c]; }
    }
}

static void l2_normalize(float *x, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        double squares = 0;
        for (size_t c = 0; c < columns; c++) { squares += (double)x[r * stride + c] * x[r * stride + c]; }
        const double length = sqrt(squares);
        for (size_t c = 0; c < columns; c++) { x[r * stride + c] = (float)(x[r * stride + c] / length); }
    }
}

static void mean_over_rows(float *out, const float *x, size_t stride, size_t rows, size_t columns) {
    for (size_t c = 0; c < columns; c++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++) { sum += x[r * stride + c]; }
        out[c] = (float)(sum / rows);
    }
}

static void dot_products(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns, const float *y,
    float scale) {
    for (size_t r = 0; r < rows; r++) {
        double sum = 0;
        for (size_t c = 0; c < columns; c++) { sum += (double)x[r * x_stride + c] * y[c]; }
        out[r * out_stride] = (float)(sum * scale);
    }
}

void gerund_patches_from_rgb(
    float *out, size_t out_stride, const uint8_t *rgb, size_t height, size_t width, size_t patch,
    const float *table) {
    const size_t across = width / patch;
    for (size_t y = 0; y < height / patch * patch; y++) {
        for (size_t x = 0; x < across * patch; x++) {
            const uint8_t *pixel = rgb + (y * width + x) * 3;
            float *row = out + (y / patch * across + x / patch) * out_stride + y % patch * patch + x % patch;
            for (size_t channel = 0; channel < 3; channel++) {
                row[channel * patch * patch] = table[channel * 256 + pixel[channel]];
            }
        }
    }
}

void gerund_patches_from_planes(
    float *out, size_t out_stride, const float *planes, size_t height, size_t width, size_t patch) {
    const size_t across = width / patch;
    for (size_t channel = 0; channel < 3; channel++) {
        for (size_t y = 0; y < height / patch * patch; y++) {
            for (size_t i = 0; i < across; i++) {
                memcpy(
                    out + (y / patch * across + i) * out_stride + (channel * patch + y % patch) * patch,
                    planes + (channel * height + y) * width + i * patch, patch * sizeof(float));
            }
        }
    }
}

// Element `column` of row `key` of the keys and values, which are stored in two blocks.
static float key_element(const gerund_attention *a, size_t key, size_t column) {
    if (key >= a->key_rows) { return a->message_keys[(key - a->key_rows) * a->message_stride + column]; }
    const size_t index = key * a->key_stride + column;
    return a->keys_are_bf16 ? gerund_float_of_bfloat16(((const uint16_t *)a->keys)[index])
                            : ((const float *)a->keys)[index];
}

static void softmax(float *x, size_t count) {
    float top = x[0];
    for (size_t i = 1; i < count; i++) { top = fmaxf(top, x[i]); }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        x[i] = expf(x[i] - top);
        sum += x[i];
    }
    for (size_t i = 0; i < count; i++) { x[i] = (float)(x[i] / sum); }
}

static void attend_head(const gerund_attention *a, size_t head, float *scores) {
    const size_t depth = a->head_width, first = head * depth;
    for (size_t r = 0; r < a->query_rows; r++) {
        const size_t keys = a->is_causal ? r + 1 : a->key_rows + a->message_rows;
        const float *q = a->queries + r * a->query_stride + first;
        for (size_t key = 0; key < keys; key++) {
            float sum = 0;
            for (size_t d = 0; d < depth; d++) { sum += q[d] * key_element(a, key, first + d); }
            scores[key] = sum * a->scale;
        }
        softmax(scores, keys);
        if (a->message_attention) {
            a->message_attention[r * a->message_attention_stride + head] += scores[a->key_rows];
        }
        float *out = a->out + r * a->out_stride + first;
        for (size_t d = 0; d < depth; d++) { out[d] = 0; }
        for (size_t key = 0; key < keys; key++) {
            for (size_t d = 0; d < depth; d++) { out[d] += scores[key] * key_element(a, key, a->width + first + d); }
        }
    }
}

static void attend(const gerund_attention *a, size_t first, size_t end, float *scratch) {
    for (size_t head = first; head < end; head++) { attend_head(a, head, scratch); }
}

const gerund_kernels gerund_kernels_scalar = {
    .layer_norm = layer_norm,
    .quick_gelu = quick_gelu,
    .gelu = gerund_gelu_scalar,
    .add_bias = add_bias,
    .add = add,
    .add_scaled = add_scaled,
    .l2_normalize = l2_normalize,
    .mean_over_rows = mean_over_rows,
    .dot_products = dot_products,
    .patches_from_rgb = gerund_patches_from_rgb,
    .patches_from_planes = gerund_patches_from_planes,
    .to_bfloat16 = to_bfloat16,
    .quantize_u8 = quantize_u8,
    .attend = attend,
};
