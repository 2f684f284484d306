// The tables behind gerund_kernels_at.
#pragma once

#include <math.h>

#include "gerund_kernels.h"

extern const gerund_kernels gerund_kernels_scalar;

#if defined(__x86_64__)
extern const gerund_kernels gerund_kernels_avx2;
extern const gerund_kernels gerund_kernels_avx512;
#endif

// Rounds to nearest with ties to even, as the processor's conversion instruction; a NaN stays NaN and keeps its sign.
static inline __attribute__((always_inline)) uint16_t gerund_bfloat16_bits(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
    return (uint16_t)((value == value ? rounded : bits | 0x400000) >> 16);
}

static inline __attribute__((always_inline)) float gerund_float_of_bfloat16(uint16_t bfloat16) {
    const uint32_t bits = (uint32_t)bfloat16 << 16;
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// The scale and the zero point of a row, whose range always includes 0.
static inline __attribute__((always_inline)) void gerund_u8_quantization(
    float maximum, float minimum, float *scale, int32_t *zero_point) {
    *scale = maximum > minimum ? (maximum - minimum) / 255 : 1;
    *zero_point = (int32_t)rintf(-minimum / *scale);
}

static inline __attribute__((always_inline)) uint8_t gerund_quantized_u8(
    float value, float factor, int32_t zero_point) {
    const float n = rintf(value * factor) + (float)zero_point;
    return (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
}

// Kernels that gain nothing from intrinsics or explicit vectors: every level uses these.
void gerund_gelu_scalar(float *x, size_t stride, size_t rows, size_t columns, const float *bias);
void gerund_patches_from_rgb(
    float *out, size_t out_stride, const uint8_t *rgb, size_t height, size_t width, size_t patch, const float *table);
void gerund_patches_from_planes(
    float *out, size_t out_stride, const float *planes, size_t height, size_t width, size_t patch);
