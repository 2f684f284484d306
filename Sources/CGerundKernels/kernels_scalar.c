// The reference: one element at a time, sums in double, the C library's exponential. Readable first.
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

static void softmax(float *x, size_t stride, size_t rows, size_t columns, size_t visible, size_t step) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        const size_t wanted = visible + r * step;
        const size_t count = wanted < columns ? wanted : columns;
        float top = row[0];
        for (size_t c = 1; c < count; c++) { top = fmaxf(top, row[c]); }
        double sum = 0;
        for (size_t c = 0; c < count; c++) {
            row[c] = expf(row[c] - top);
            sum += row[c];
        }
        for (size_t c = 0; c < count; c++) { row[c] = (float)(row[c] / sum); }
        for (size_t c = count; c < columns; c++) { row[c] = 0; }
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

void gk_gelu_scalar(float *x, size_t stride, size_t rows, size_t columns, const float *bias) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) {
            const float v = x[r * stride + c] + (bias ? bias[c] : 0);
            x[r * stride + c] = 0.5f * v * (1 + erff(v * 0.70710678118654752f));
        }
    }
}

static void to_bfloat16(uint16_t *out, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * columns + c] = gk_bfloat16(x[r * x_stride + c]); }
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

static void mean_rows(float *out, const float *x, size_t stride, size_t rows, size_t columns) {
    for (size_t c = 0; c < columns; c++) {
        double sum = 0;
        for (size_t r = 0; r < rows; r++) { sum += x[r * stride + c]; }
        out[c] = (float)(sum / rows);
    }
}

static void dots(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns, const float *y,
    float scale) {
    for (size_t r = 0; r < rows; r++) {
        double sum = 0;
        for (size_t c = 0; c < columns; c++) { sum += (double)x[r * x_stride + c] * y[c]; }
        out[r * out_stride] = (float)(sum * scale);
    }
}

void gk_patches_from_rgb(
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

void gk_patches_from_planes(
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

const gk_kernels gk_kernels_scalar = {
    .layer_norm = layer_norm,
    .softmax = softmax,
    .quick_gelu = quick_gelu,
    .gelu = gk_gelu_scalar,
    .add_bias = add_bias,
    .add = add,
    .add_scaled = add_scaled,
    .l2_normalize = l2_normalize,
    .mean_rows = mean_rows,
    .dots = dots,
    .patches_from_rgb = gk_patches_from_rgb,
    .patches_from_planes = gk_patches_from_planes,
    .to_bfloat16 = to_bfloat16,
};
