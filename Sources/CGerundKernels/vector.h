// Vectors of LANES floats and their arithmetic, to be included by a file that sets its target and LANES.
//
// Vectors are the compiler's vector extension rather than intrinsics. Every reduction keeps LANES partial sums and
// folds them in a fixed order, so a level gives the same bits on every run. Tails are processed in a padded vector.
#pragma once

#include <math.h>
#include <string.h>

#include "kernels_internal.h"

#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef uint32_t bits __attribute__((vector_size(4 * LANES)));
typedef int32_t truth __attribute__((vector_size(4 * LANES)));

INLINE vec splat(float value) { return value - (vec){0}; }

INLINE vec load(const float *p) {
    vec v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, vec v) { __builtin_memcpy(p, &v, sizeof v); }

typedef uint16_t halves __attribute__((vector_size(2 * LANES)));

// Loads bfloat16 values, whose bits are the upper half of a float's.
INLINE vec load_bfloat16(const uint16_t *p) {
    halves h;
    __builtin_memcpy(&h, p, sizeof h);
    return (vec)(__builtin_convertvector(h, bits) << 16);
}

// Loads the first `count` lanes; the others are `fill`.
INLINE vec load_part(const float *p, size_t count, float fill) {
    vec v = splat(fill);
    memcpy(&v, p, count * sizeof(float));
    return v;
}

INLINE void store_part(float *p, vec v, size_t count) { memcpy(p, &v, count * sizeof(float)); }

INLINE vec larger(vec a, vec b) { return __builtin_elementwise_max(a, b); }

// a in the lanes in which the condition holds, b in the others.
INLINE vec choose(truth condition, vec a, vec b) {
    return (vec)(((bits)condition & (bits)a) | (~(bits)condition & (bits)b));
}

// Reductions fold the lanes in halves: in a fixed order, with short dependency chains.
#if LANES == 16
#define HALF(v, at) __builtin_shufflevector(v, v, at, at + 1, at + 2, at + 3, at + 4, at + 5, at + 6, at + 7)
typedef float half_vec __attribute__((vector_size(32)));
INLINE half_vec sum_of_halves(vec v) { return HALF(v, 0) + HALF(v, 8); }
INLINE half_vec max_of_halves(vec v) { return __builtin_elementwise_max(HALF(v, 0), HALF(v, 8)); }
#else
typedef vec half_vec;
INLINE half_vec sum_of_halves(vec v) { return v; }
INLINE half_vec max_of_halves(vec v) { return v; }
#endif
#define LOW(v) __builtin_shufflevector(v, v, 0, 1, 2, 3)
#define HIGH(v) __builtin_shufflevector(v, v, 4, 5, 6, 7)

// Interleave the lanes of the lower and of the upper halves of two vectors.
#if LANES == 16
#define MERGE_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define MERGE_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#else
#define MERGE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define MERGE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#endif

INLINE float sum_of(vec v) {
    const half_vec eight = sum_of_halves(v);
    const __typeof__(LOW(eight)) four = LOW(eight) + HIGH(eight);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

INLINE float max_of(vec v) {
    const half_vec eight = max_of_halves(v);
    const __typeof__(LOW(eight)) four = __builtin_elementwise_max(LOW(eight), HIGH(eight));
    return fmaxf(fmaxf(four[0], four[2]), fmaxf(four[1], four[3]));
}

// exp(x) within 2 units in the last place: x = n ln 2 + r, |r| <= ln 2 / 2, exp(x) = 2^n exp(r); polynomial of
// Cephes' expf. Clamped below -87.3 and above 88.3; NaN stays NaN.
INLINE vec exponential(vec x) {
    x = choose(x < -87.3f, splat(-87.3f), x);
    x = choose(x > 88.3f, splat(88.3f), x);
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
    const vec shifted = x * 1.44269504088896341f + 12582912.0f;
    const vec n = shifted - 12582912.0f;
    const vec r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    return p * (vec)(((bits)shifted << 23) + 0x3f800000u);
}

INLINE vec quick_gelu_of(vec v) { return v / (exponential(v * -1.702f) + 1.0f); }  // 1.702: as OpenAI's CLIP
