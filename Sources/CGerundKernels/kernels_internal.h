// The tables behind gk_kernels_at.
#pragma once

#include <math.h>

#include "gerund_kernels.h"

extern const gk_kernels gk_kernels_scalar;

#if defined(__x86_64__)
extern const gk_kernels gk_kernels_avx2;
extern const gk_kernels gk_kernels_avx512;
#endif

// Rounds to nearest, ties to even, as the processors' own conversion; a NaN keeps its sign and stays one.
static inline __attribute__((always_inline)) uint16_t gk_bfloat16(float value) {
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
    return (uint16_t)((value == value ? rounded : bits | 0x400000) >> 16);
}

static inline __attribute__((always_inline)) float gk_float(uint16_t bfloat16) {
    const uint32_t bits = (uint32_t)bfloat16 << 16;
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

// The scale and the zero of a row of bytes, whose range always holds 0.0.
static inline __attribute__((always_inline)) void gk_byte_scale(
    float most, float least, float *scale, int32_t *zero) {
    *scale = most > least ? (most - least) / 255 : 1;
    *zero = (int32_t)rintf(-least / *scale);
}

static inline __attribute__((always_inline)) uint8_t gk_byte(float value, float factor, int32_t zero) {
    const float n = rintf(value * factor) + (float)zero;
    return (uint8_t)(n < 0 ? 0 : n > 255 ? 255 : n);
}

// Kernels whose work is not arithmetic: every level uses these.
void gk_gelu_scalar(float *x, size_t stride, size_t rows, size_t columns, const float *bias);
void gk_patches_from_rgb(
    float *out, size_t out_stride, const uint8_t *rgb, size_t height, size_t width, size_t patch, const float *table);
void gk_patches_from_planes(
    float *out, size_t out_stride, const float *planes, size_t height, size_t width, size_t patch);
