// The row kernels written once in vectors of LANES floats, for a file that has raised its target and set LANES.
//
// Vectors are the compiler's own type, so the code has no intrinsics; every reduction keeps LANES partial sums and
// folds them in lane order, so a level gives the same bits on every run. Tails go through a padded vector.
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

// The first `count` lanes from memory, `fill` in the others.
INLINE vec load_part(const float *p, size_t count, float fill) {
    vec v = splat(fill);
    memcpy(&v, p, count * sizeof(float));
    return v;
}

INLINE void store_part(float *p, vec v, size_t count) { memcpy(p, &v, count * sizeof(float)); }

INLINE vec larger(vec a, vec b) { return __builtin_elementwise_max(a, b); }

// a where the condition holds, else b.
INLINE vec choose(truth condition, vec a, vec b) {
    return (vec)(((bits)condition & (bits)a) | (~(bits)condition & (bits)b));
}

INLINE float sum_of(vec v) {
    float sum = v[0];
    for (int lane = 1; lane < LANES; lane++) { sum += v[lane]; }
    return sum;
}

INLINE float max_of(vec v) {
    float top = v[0];
    for (int lane = 1; lane < LANES; lane++) { top = v[lane] > top ? v[lane] : top; }
    return top;
}

// exp(x) within 2 units in the last place: x = n ln 2 + r, |r| <= ln 2 / 2, exp(x) = 2^n exp(r); polynomial of
// Cephes' expf. Below -87.3 and above 88.3 it stays at the value there; NaN stays NaN.
INLINE vec exponential(vec x) {
    x = choose(x < -87.3f, splat(-87.3f), x);
    x = choose(x > 88.3f, splat(88.3f), x);
    // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
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

static void layer_norm(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
    const float *weight, const float *bias, float epsilon) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        float *to = out + r * out_stride;

        // pass 1: mean
        vec sums = splat(0);
        for (size_t c = 0; c < whole; c += LANES) { sums += load(row + c); }
        if (rest) { sums += load_part(row + whole, rest, 0); }
        const float mean = sum_of(sums) / (float)columns;

        // pass 2: variance
        vec squares = splat(0);
        for (size_t c = 0; c < whole; c += LANES) {
            const vec d = load(row + c) - mean;
            squares += d * d;
        }
        if (rest) {
            const vec d = load_part(row + whole, rest, mean) - mean;
            squares += d * d;
        }
        const float scale = 1 / sqrtf(sum_of(squares) / (float)columns + epsilon);

        // pass 3: normalise
        for (size_t c = 0; c < whole; c += LANES) {
            store(to + c, (load(row + c) - mean) * scale * load(weight + c) + load(bias + c));
        }
        for (size_t c = whole; c < columns; c++) { to[c] = (row[c] - mean) * scale * weight[c] + bias[c]; }
    }
}

static void softmax(float *x, size_t stride, size_t rows, size_t columns, size_t visible, size_t step) {
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        const size_t wanted = visible + r * step;
        const size_t count = wanted < columns ? wanted : columns;
        const size_t whole = count / LANES * LANES, rest = count - whole;

        // pass 1: maximum
        vec tops = splat(-INFINITY);
        for (size_t c = 0; c < whole; c += LANES) { tops = larger(tops, load(row + c)); }
        if (rest) { tops = larger(tops, load_part(row + whole, rest, -INFINITY)); }
        const float top = max_of(tops);

        // pass 2: exponential and sum
        vec sums = splat(0);
        for (size_t c = 0; c < whole; c += LANES) {
            const vec e = exponential(load(row + c) - top);
            store(row + c, e);
            sums += e;
        }
        float sum = sum_of(sums);
        if (rest) {
            const vec e = exponential(load_part(row + whole, rest, top) - top);
            store_part(row + whole, e, rest);
            for (size_t lane = 0; lane < rest; lane++) { sum += row[whole + lane]; }
        }

        // pass 3: normalise
        const float scale = 1 / sum;
        for (size_t c = 0; c < whole; c += LANES) { store(row + c, load(row + c) * scale); }
        for (size_t c = whole; c < count; c++) { row[c] *= scale; }
        for (size_t c = count; c < columns; c++) { row[c] = 0; }
    }
}

INLINE vec quick_gelu_of(vec v) { return v / (exponential(v * -1.702f) + 1.0f); }  // 1.702: as OpenAI's CLIP

static void quick_gelu(float *x, size_t stride, size_t rows, size_t columns, const float *bias) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        for (size_t c = 0; c < whole; c += LANES) {
            const vec v = bias ? load(row + c) + load(bias + c) : load(row + c);
            store(row + c, quick_gelu_of(v));
        }
        if (rest) {
            vec v = load_part(row + whole, rest, 0);
            if (bias) { v += load_part(bias + whole, rest, 0); }
            store_part(row + whole, quick_gelu_of(v), rest);
        }
    }
}

// Plain C: the compiler makes vectors of it for the file's instructions.
static void to_bfloat16(uint16_t *out, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * columns + c] = gk_bfloat16(x[r * x_stride + c]); }
    }
}

static void add_bias(float *x, size_t stride, size_t rows, size_t columns, const float *bias) {
    const size_t whole = columns / LANES * LANES;
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        for (size_t c = 0; c < whole; c += LANES) { store(row + c, load(row + c) + load(bias + c)); }
        for (size_t c = whole; c < columns; c++) { row[c] += bias[c]; }
    }
}

static void add(float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
    const size_t whole = columns / LANES * LANES;
    for (size_t r = 0; r < rows; r++) {
        float *to = out + r * out_stride;
        const float *from = x + r * x_stride;
        for (size_t c = 0; c < whole; c += LANES) { store(to + c, load(to + c) + load(from + c)); }
        for (size_t c = whole; c < columns; c++) { to[c] += from[c]; }
    }
}

static void add_scaled(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns,
    const float *scale) {
    const size_t whole = columns / LANES * LANES;
    for (size_t r = 0; r < rows; r++) {
        float *to = out + r * out_stride;
        const float *from = x + r * x_stride;
        for (size_t c = 0; c < whole; c += LANES) {
            store(to + c, load(to + c) + load(scale + c) * load(from + c));
        }
        for (size_t c = whole; c < columns; c++) { to[c] += scale[c] * from[c]; }
    }
}

static void l2_normalize(float *x, size_t stride, size_t rows, size_t columns) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    for (size_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        vec squares = splat(0);
        for (size_t c = 0; c < whole; c += LANES) { squares += load(row + c) * load(row + c); }
        if (rest) {
            const vec v = load_part(row + whole, rest, 0);
            squares += v * v;
        }
        const float scale = 1 / sqrtf(sum_of(squares));
        for (size_t c = 0; c < whole; c += LANES) { store(row + c, load(row + c) * scale); }
        for (size_t c = whole; c < columns; c++) { row[c] *= scale; }
    }
}

static void mean_rows(float *out, const float *x, size_t stride, size_t rows, size_t columns) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    const float scale = 1 / (float)rows;
    for (size_t c = 0; c < whole; c += LANES) {
        vec sums = splat(0);
        for (size_t r = 0; r < rows; r++) { sums += load(x + r * stride + c); }
        store(out + c, sums * scale);
    }
    if (rest) {
        vec sums = splat(0);
        for (size_t r = 0; r < rows; r++) { sums += load_part(x + r * stride + whole, rest, 0); }
        store_part(out + whole, sums * scale, rest);
    }
}

static void dots(
    float *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns, const float *y,
    float scale) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        vec sums = splat(0);
        for (size_t c = 0; c < whole; c += LANES) { sums += load(row + c) * load(y + c); }
        if (rest) { sums += load_part(row + whole, rest, 0) * load_part(y + whole, rest, 0); }
        out[r * out_stride] = sum_of(sums) * scale;
    }
}

#define GK_VECTOR_TABLE                                                                                                \
    {                                                                                                                  \
        .layer_norm = layer_norm, .softmax = softmax, .quick_gelu = quick_gelu, .gelu = gk_gelu_scalar,                \
        .add_bias = add_bias, .add = add, .add_scaled = add_scaled, .l2_normalize = l2_normalize,                      \
        .mean_rows = mean_rows, .dots = dots, .patches_from_rgb = gk_patches_from_rgb,                                 \
        .patches_from_planes = gk_patches_from_planes, .to_bfloat16 = to_bfloat16                                      \
    }
