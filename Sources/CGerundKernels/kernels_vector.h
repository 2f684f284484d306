// The row kernels in vectors of LANES floats, to be included by a file that sets its target and LANES.
#include "vector.h"

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

        // pass 3: normalize
        for (size_t c = 0; c < whole; c += LANES) {
            store(to + c, (load(row + c) - mean) * scale * load(weight + c) + load(bias + c));
        }
        for (size_t c = whole; c < columns; c++) { to[c] = (row[c] - mean) * scale * weight[c] + bias[c]; }
    }
}

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

// Plain C, which the compiler vectorizes for the file's target.
static void to_bfloat16(
    uint16_t *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * out_stride + c] = gerund_bfloat16_bits(x[r * x_stride + c]); }
    }
}

typedef uint8_t bytes __attribute__((vector_size(LANES)));

static void quantize_u8(
    uint8_t *out, size_t out_stride, float *scale, int32_t *zero_point, const float *x, size_t x_stride, size_t rows,
    size_t columns) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        uint8_t *to = out + r * out_stride;
        vec maxima = splat(0), negated_minima = splat(0);
        for (size_t c = 0; c < whole; c += LANES) {
            maxima = larger(maxima, load(row + c));
            negated_minima = larger(negated_minima, -load(row + c));
        }
        if (rest) {
            maxima = larger(maxima, load_part(row + whole, rest, 0));
            negated_minima = larger(negated_minima, -load_part(row + whole, rest, 0));
        }
        gerund_u8_quantization(max_of(maxima), -max_of(negated_minima), &scale[r], &zero_point[r]);
        const float factor = 1 / scale[r], shift = (float)zero_point[r];
        for (size_t c = 0; c < whole; c += LANES) {
            const vec n = __builtin_elementwise_roundeven(load(row + c) * factor) + shift;
            const bytes b = __builtin_convertvector(
                __builtin_elementwise_min(larger(n, splat(0)), splat(255)), bytes);
            __builtin_memcpy(to + c, &b, sizeof b);
        }
        for (size_t c = whole; c < columns; c++) { to[c] = gerund_quantized_u8(row[c], factor, zero_point[r]); }
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

static void mean_over_rows(float *out, const float *x, size_t stride, size_t rows, size_t columns) {
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

static void dot_products(
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

// Attention of a block of queries: the number of its rows and of adjacent vectors whose sums stay in registers.
enum { BLOCK_ROWS = 6, BLOCK_VECTORS = LANES == 16 ? 4 : 2 };

// Row `key` of the keys and values, which are stored in two blocks, both of floats.
INLINE const float *key_row(const gerund_attention *a, size_t key) {
    return key < a->key_rows ? (const float *)a->keys + key * a->key_stride
                             : a->message_keys + (key - a->key_rows) * a->message_stride;
}

INLINE void clear_sums(const size_t rows, const size_t vectors, vec (*sums)[BLOCK_VECTORS]) {
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) { sums[r][v] = splat(0); }
    }
}

// out[r, c] = scale * sum over d of q[r, d] * keys[d, c], for `vectors` vectors of c.
INLINE void score_block(
    const size_t rows, const size_t vectors, const float *q, size_t q_stride, const float *keys, size_t stride,
    size_t depth, float scale, float *out) {
    vec sums[BLOCK_ROWS][BLOCK_VECTORS];
    clear_sums(rows, vectors, sums);
    for (size_t d = 0; d < depth; d++) {
        vec k[BLOCK_VECTORS];
        for (size_t v = 0; v < vectors; v++) { k[v] = load(keys + d * stride + v * LANES); }
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            const vec x = splat(q[r * q_stride + d]);
            for (size_t v = 0; v < vectors; v++) { sums[r][v] += x * k[v]; }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) { store(out + r * stride + v * LANES, sums[r][v] * scale); }
    }
}

// The exponentials of a softmax: the first `count` scores of a row become e^(score - maximum), and the padding after
// them up to `stride` becomes 0. Returns the reciprocal of their sum. Works on whole vectors, since a partial one would
// cost a call of memcpy.
INLINE float softmax_exponentials(float *row, size_t stride, size_t count) {
    truth lanes;
    for (int lane = 0; lane < LANES; lane++) { lanes[lane] = lane; }
    vec tops = splat(-INFINITY);
    for (size_t c = 0; c < stride; c += LANES) {
        tops = larger(tops, choose(lanes < (int32_t)count - (int32_t)c, load(row + c), splat(-INFINITY)));
    }
    const float top = max_of(tops);
    vec sums = splat(0);
    for (size_t c = 0; c < stride; c += LANES) {
        const vec e = choose(lanes < (int32_t)count - (int32_t)c, exponential(load(row + c) - top), splat(0));
        store(row + c, e);
        sums += e;
    }
    return 1 / sum_of(sums);
}

// sums[r] += sum over the keys of weights[r, key] * values[key].
INLINE void add_values(
    const size_t rows, const size_t vectors, vec (*sums)[BLOCK_VECTORS], const float *value, size_t value_stride,
    const float *weights, size_t stride, size_t keys) {
    for (size_t key = 0; key < keys; key++) {
        vec x[BLOCK_VECTORS];
        for (size_t v = 0; v < vectors; v++) { x[v] = load(value + key * value_stride + v * LANES); }
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            const vec weight = splat(weights[r * stride + key]);
            for (size_t v = 0; v < vectors; v++) { sums[r][v] += weight * x[v]; }
        }
    }
}

// out[r, c] = scale[r] * sum over the keys of weights[r, key] * values[key, c], for `vectors` vectors of c that begin
// at column `first`.
INLINE void value_block(
    const size_t rows, const size_t vectors, const gerund_attention *a, const float *weights, size_t stride,
    const float *scale, size_t first, float *out) {
    vec sums[BLOCK_ROWS][BLOCK_VECTORS];
    clear_sums(rows, vectors, sums);
    const float *values = (const float *)a->keys + a->width + first;
    add_values(rows, vectors, sums, values, a->key_stride, weights, stride, a->key_rows);
    if (a->message_rows) {
        add_values(
            rows, vectors, sums, a->message_keys + a->width + first, a->message_stride, weights + a->key_rows, stride,
            a->message_rows);
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) { store(out + r * a->out_stride + v * LANES, sums[r][v] * scale[r]); }
    }
}

#define EACH_ROW_COUNT(rows, call)                                                                                     \
    switch (rows) {                                                                                                    \
    case 1: call(1); break;                                                                                            \
    case 2: call(2); break;                                                                                            \
    case 3: call(3); break;                                                                                            \
    case 4: call(4); break;                                                                                            \
    case 5: call(5); break;                                                                                            \
    default: call(6); break;                                                                                           \
    }

// Attention of one query in several heads: memory-bound, so keys and values are read row by row in the order of memory
// and prefetched.
enum { PREFETCH_ROWS = 3 };

// One block of keys and values.
typedef struct key_value_block {
    const void *base;
    size_t stride, count;
    int is_bf16;
} key_value_block;

INLINE vec load_key_values(const key_value_block *rows, size_t at) {
    return rows->is_bf16 ? load_bfloat16((const uint16_t *)rows->base + at) : load((const float *)rows->base + at);
}

INLINE float key_value_element(const key_value_block *rows, size_t at) {
    return rows->is_bf16 ? gerund_float_of_bfloat16(((const uint16_t *)rows->base)[at])
                         : ((const float *)rows->base)[at];
}

INLINE void prefetch_key_values(const key_value_block *rows, size_t at) {
    __builtin_prefetch((const char *)rows->base + at * (rows->is_bf16 ? sizeof(uint16_t) : sizeof(float)));
}

// scores[head, key] = scale * dot product of the query and the key, for the heads `first`..<`end`.
INLINE void score_keys(
    const gerund_attention *a, const key_value_block keys, const float *q, size_t first, size_t end, float *scores,
    size_t stride) {
    const size_t depth = a->head_width, whole = depth / LANES * LANES;
    for (size_t key = 0; key < keys.count; key++) {
        for (size_t head = first; head < end; head++) {
            const size_t at = key * keys.stride + head * depth;
            const float *own = q + head * depth;
            vec sums = splat(0);
            for (size_t d = 0; d < whole; d += LANES) {
                prefetch_key_values(&keys, at + d + PREFETCH_ROWS * keys.stride);
                sums += load(own + d) * load_key_values(&keys, at + d);
            }
            float sum = sum_of(sums);
            for (size_t d = whole; d < depth; d++) { sum += own[d] * key_value_element(&keys, at + d); }
            scores[(head - first) * stride + key] = sum * a->scale;
        }
    }
}

// out[head] += sum over the keys of weights[head, key] * scale[head] * value[key], for the heads `first`..<`end`.
INLINE void add_block_values(
    const gerund_attention *a, const key_value_block values, float *out, size_t first, size_t end, const float *weights,
    const float *scale, size_t stride) {
    const size_t depth = a->head_width, whole = depth / LANES * LANES;
    for (size_t key = 0; key < values.count; key++) {
        for (size_t head = first; head < end; head++) {
            const size_t at = key * values.stride + a->width + head * depth;
            const float weight = weights[(head - first) * stride + key] * scale[head - first];
            float *to = out + head * depth;
            for (size_t d = 0; d < whole; d += LANES) {
                prefetch_key_values(&values, at + d + PREFETCH_ROWS * values.stride);
                store(to + d, load(to + d) + load_key_values(&values, at + d) * weight);
            }
            for (size_t d = whole; d < depth; d++) { to[d] += weight * key_value_element(&values, at + d); }
        }
    }
}

// `is_bf16` is `a->keys_are_bf16` as a compile-time constant.
INLINE void attend_row(
    const gerund_attention *a, const int is_bf16, size_t row, size_t first, size_t end, float *scratch) {
    const size_t keys = a->key_rows + a->message_rows, stride = (keys + LANES - 1) / LANES * LANES;
    const float *q = a->queries + row * a->query_stride;
    float *out = a->out + row * a->out_stride, *scores = scratch, *scale = scratch + (end - first) * stride;
    const size_t seen = a->is_causal && row + 1 < keys ? row + 1 : keys;
    const size_t own = seen < a->key_rows ? seen : a->key_rows;
    const key_value_block block = {a->keys, a->key_stride, own, is_bf16};
    const key_value_block messages = {a->message_keys, a->message_stride, seen - own, 0};
    score_keys(a, block, q, first, end, scores, stride);
    score_keys(a, messages, q, first, end, scores + own, stride);
    for (size_t head = first; head < end; head++) {
        float *weights = scores + (head - first) * stride;
        scale[head - first] = softmax_exponentials(weights, stride, seen);
        if (a->message_attention) {
            a->message_attention[row * a->message_attention_stride + head] +=
                weights[a->key_rows] * scale[head - first];
        }
    }
    for (size_t c = first * a->head_width; c < end * a->head_width; c++) { out[c] = 0; }
    add_block_values(a, block, out, first, end, scores, scale, stride);
    add_block_values(a, messages, out, first, end, scores + own, scale, stride);
}

// Transposes `columns` columns, from `first` on, of LANES rows; a missing row (NULL) counts as zeros.
INLINE void transpose(const float *const *rows, size_t first, size_t columns, float *out, size_t stride) {
    vec a[LANES], b[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        a[lane] = !rows[lane] ? splat(0)
            : columns == LANES ? load(rows[lane] + first)
                               : load_part(rows[lane] + first, columns, 0);
    }
    // Each step interleaves the lanes of the first half of the vectors with those of the second; log2(LANES) steps
    // transpose.
#pragma clang loop unroll(full)
    for (size_t step = 1; step < LANES; step *= 2) {
#pragma clang loop unroll(full)
        for (size_t i = 0; i < LANES / 2; i++) {
            b[2 * i] = MERGE_LOW(a[i], a[i + LANES / 2]);
            b[2 * i + 1] = MERGE_HIGH(a[i], a[i + LANES / 2]);
        }
#pragma clang loop unroll(full)
        for (size_t i = 0; i < LANES; i++) { a[i] = b[i]; }
    }
    for (size_t column = 0; column < columns; column++) { store(out + column * stride, a[column]); }
}

static void attend_head(const gerund_attention *a, size_t head, float *scratch) {
    const size_t keys = a->key_rows + a->message_rows, depth = a->head_width, first = head * depth;
    const size_t stride = (keys + LANES - 1) / LANES * LANES;
    float *transposed = scratch, *scores = scratch + depth * stride;
    for (size_t key = 0; key < stride; key += LANES) {
        const float *rows[LANES];
        for (size_t lane = 0; lane < LANES; lane++) {
            rows[lane] = key + lane < keys ? key_row(a, key + lane) + first : NULL;
        }
        for (size_t d = 0; d < depth; d += LANES) {
            transpose(rows, d, depth - d < LANES ? depth - d : LANES, transposed + d * stride + key, stride);
        }
    }
    for (size_t row = 0; row < a->query_rows; row += BLOCK_ROWS) {
        const size_t rows = a->query_rows - row < BLOCK_ROWS ? a->query_rows - row : BLOCK_ROWS;
        const float *q = a->queries + row * a->query_stride + first;
        size_t c = 0;
#define WIDE_SCORES(count)                                                                                             \
    score_block(                                                                                                       \
        count, BLOCK_VECTORS, q, a->query_stride, transposed + c, stride, depth, a->scale, scores + c)
#define NARROW_SCORES(count)                                                                                           \
    score_block(count, 1, q, a->query_stride, transposed + c, stride, depth, a->scale, scores + c)
        for (; c + BLOCK_VECTORS * LANES <= stride; c += BLOCK_VECTORS * LANES) { EACH_ROW_COUNT(rows, WIDE_SCORES) }
        for (; c < stride; c += LANES) { EACH_ROW_COUNT(rows, NARROW_SCORES) }
        float scale[BLOCK_ROWS];
        for (size_t r = 0; r < rows; r++) {
            const size_t seen = a->is_causal && row + r + 1 < keys ? row + r + 1 : keys;
            scale[r] = softmax_exponentials(scores + r * stride, stride, seen);
            if (a->message_attention) {
                a->message_attention[(row + r) * a->message_attention_stride + head] +=
                    scores[r * stride + a->key_rows] * scale[r];
            }
        }
        float *out = a->out + row * a->out_stride + first;
        c = 0;
#define WIDE_VALUES(count) value_block(count, BLOCK_VECTORS, a, scores, stride, scale, first + c, out + c)
#define NARROW_VALUES(count) value_block(count, 1, a, scores, stride, scale, first + c, out + c)
        for (; c + BLOCK_VECTORS * LANES <= depth; c += BLOCK_VECTORS * LANES) { EACH_ROW_COUNT(rows, WIDE_VALUES) }
        for (; c + LANES <= depth; c += LANES) { EACH_ROW_COUNT(rows, NARROW_VALUES) }
        for (; c < depth; c++) {
            for (size_t r = 0; r < rows; r++) {
                float sum = 0;
                for (size_t key = 0; key < keys; key++) {
                    sum += scores[r * stride + key] * key_row(a, key)[a->width + first + c];
                }
                out[r * a->out_stride + c] = sum * scale[r];
            }
        }
    }
}

static void attend(const gerund_attention *a, size_t first, size_t end, float *scratch) {
    if (gerund_attention_all_heads_at_once(a)) {
        for (size_t row = 0; row < a->query_rows; row++) {
            if (a->keys_are_bf16) {
                attend_row(a, 1, row, first, end, scratch);
            } else {
                attend_row(a, 0, row, first, end, scratch);
            }
        }
    } else {
        for (size_t head = first; head < end; head++) { attend_head(a, head, scratch); }
    }
}

#define GERUND_VECTOR_KERNELS                                                                                          \
    {                                                                                                                  \
        .layer_norm = layer_norm, .quick_gelu = quick_gelu, .gelu = gerund_gelu_scalar, .add_bias = add_bias,          \
        .add = add, .add_scaled = add_scaled, .l2_normalize = l2_normalize, .mean_over_rows = mean_over_rows,          \
        .dot_products = dot_products, .patches_from_rgb = gerund_patches_from_rgb,                                     \
        .patches_from_planes = gerund_patches_from_planes, .to_bfloat16 = to_bfloat16, .quantize_u8 = quantize_u8,     \
        .attend = attend                                                                                               \
    }
