// The row kernels written once in vectors of LANES floats, for a file that has raised its target and set LANES.
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

        // pass 3: normalise
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

// Plain C: the compiler makes vectors of it for the file's instructions.
static void to_bfloat16(
    uint16_t *out, size_t out_stride, const float *x, size_t x_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c++) { out[r * out_stride + c] = gk_bfloat16(x[r * x_stride + c]); }
    }
}

typedef uint8_t bytes __attribute__((vector_size(LANES)));

static void to_bytes(
    uint8_t *out, size_t out_stride, float *scale, int32_t *zero, const float *x, size_t x_stride, size_t rows,
    size_t columns) {
    const size_t whole = columns / LANES * LANES, rest = columns - whole;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        uint8_t *to = out + r * out_stride;
        vec tops = splat(0), bottoms = splat(0);  // of the values with their sign turned
        for (size_t c = 0; c < whole; c += LANES) {
            tops = larger(tops, load(row + c));
            bottoms = larger(bottoms, -load(row + c));
        }
        if (rest) {
            tops = larger(tops, load_part(row + whole, rest, 0));
            bottoms = larger(bottoms, -load_part(row + whole, rest, 0));
        }
        gk_byte_scale(max_of(tops), -max_of(bottoms), &scale[r], &zero[r]);
        const float factor = 1 / scale[r], shift = (float)zero[r];
        for (size_t c = 0; c < whole; c += LANES) {
            const vec n = __builtin_elementwise_roundeven(load(row + c) * factor) + shift;
            const bytes b = __builtin_convertvector(
                __builtin_elementwise_min(larger(n, splat(0)), splat(255)), bytes);
            __builtin_memcpy(to + c, &b, sizeof b);
        }
        for (size_t c = whole; c < columns; c++) { to[c] = gk_byte(row[c], factor, zero[r]); }
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

// Attention: rows of a block and vectors beside each other that stay in registers.
enum { BLOCK_ROWS = 6, BLOCK_VECTORS = LANES == 16 ? 4 : 2 };

// The key or value row `key`, which is in one of two blocks, both of floats.
INLINE const float *key_row(const gk_attention *a, size_t key) {
    return key < a->key_rows ? (const float *)a->keys + key * a->key_stride
                             : a->extra_keys + (key - a->key_rows) * a->extra_stride;
}

// out[r, c] = scale * sum over d of q[r, d] * keys[d, c], for `vectors` vectors of c.
INLINE void score_block(
    const size_t rows, const size_t vectors, const float *q, size_t q_stride, const float *keys, size_t stride,
    size_t depth, float scale, float *out) {
    vec sums[BLOCK_ROWS][BLOCK_VECTORS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) { sums[r][v] = splat(0); }
    }
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

// The first `count` elements of a row of scores become e^(score - greatest), those after them up to `stride` 0. Returns
// what makes weights of them. Whole vectors: no part of a row is worth a call of memcpy.
INLINE float powers(float *row, size_t stride, size_t count) {
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

// Adds to the sums the weighted values of some keys.
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

// out[r, c] = scale[r] * sum over the keys of weights[r, key] * values[key, c], for `vectors` vectors of c from `first`
// on.
INLINE void value_block(
    const size_t rows, const size_t vectors, const gk_attention *a, const float *weights, size_t stride,
    const float *scale, size_t first, float *out) {
    vec sums[BLOCK_ROWS][BLOCK_VECTORS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) { sums[r][v] = splat(0); }
    }
    const float *values = (const float *)a->keys + a->width + first;
    add_values(rows, vectors, sums, values, a->key_stride, weights, stride, a->key_rows);
    if (a->extra_rows) {
        add_values(
            rows, vectors, sums, a->extra_keys + a->width + first, a->extra_stride, weights + a->key_rows, stride,
            a->extra_rows);
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

// One query in several heads: keys and values are looked at row by row as they lie in memory, and fetched ahead, since
// that is all that takes time.
enum { ROWS_AHEAD = 3 };

// Rows of keys or values that are stored together.
typedef struct kept_rows {
    const void *base;
    size_t stride, count;
    int is_bf16;
} kept_rows;

INLINE vec load_kept(const kept_rows *rows, size_t at) {
    return rows->is_bf16 ? load_bfloat16((const uint16_t *)rows->base + at) : load((const float *)rows->base + at);
}

INLINE float kept_element(const kept_rows *rows, size_t at) {
    return rows->is_bf16 ? gk_float(((const uint16_t *)rows->base)[at]) : ((const float *)rows->base)[at];
}

INLINE void fetch_kept(const kept_rows *rows, size_t at) {
    __builtin_prefetch((const char *)rows->base + at * (rows->is_bf16 ? sizeof(uint16_t) : sizeof(float)));
}

// scores[head, key] = the query's product with each key, for the heads from `first` up to `end`.
INLINE void score_keys(
    const gk_attention *a, const kept_rows keys, const float *q, size_t first, size_t end, float *scores,
    size_t stride) {
    const size_t depth = a->head_width, whole = depth / LANES * LANES;
    for (size_t key = 0; key < keys.count; key++) {
        for (size_t head = first; head < end; head++) {
            const size_t at = key * keys.stride + head * depth;
            const float *own = q + head * depth;
            vec sums = splat(0);
            for (size_t d = 0; d < whole; d += LANES) {
                fetch_kept(&keys, at + d + ROWS_AHEAD * keys.stride);
                sums += load(own + d) * load_kept(&keys, at + d);
            }
            float sum = sum_of(sums);
            for (size_t d = whole; d < depth; d++) { sum += own[d] * kept_element(&keys, at + d); }
            scores[(head - first) * stride + key] = sum * a->scale;
        }
    }
}

// Adds each value times its key's weight to the heads' part of `out`.
INLINE void add_kept_values(
    const gk_attention *a, const kept_rows values, float *out, size_t first, size_t end, const float *weights,
    const float *scale, size_t stride) {
    const size_t depth = a->head_width, whole = depth / LANES * LANES;
    for (size_t key = 0; key < values.count; key++) {
        for (size_t head = first; head < end; head++) {
            const size_t at = key * values.stride + a->width + head * depth;
            const float weight = weights[(head - first) * stride + key] * scale[head - first];
            float *to = out + head * depth;
            for (size_t d = 0; d < whole; d += LANES) {
                fetch_kept(&values, at + d + ROWS_AHEAD * values.stride);
                store(to + d, load(to + d) + load_kept(&values, at + d) * weight);
            }
            for (size_t d = whole; d < depth; d++) { to[d] += weight * kept_element(&values, at + d); }
        }
    }
}

// `is_bf16` is what the attention says of its keys, known when this is compiled.
INLINE void attend_row(
    const gk_attention *a, const int is_bf16, size_t row, size_t first, size_t end, float *scratch) {
    const size_t keys = a->key_rows + a->extra_rows, stride = (keys + LANES - 1) / LANES * LANES;
    const float *q = a->queries + row * a->query_stride;
    float *out = a->out + row * a->out_stride, *scores = scratch, *scale = scratch + (end - first) * stride;
    const size_t seen = a->is_causal && row + 1 < keys ? row + 1 : keys;
    const size_t own = seen < a->key_rows ? seen : a->key_rows;
    const kept_rows kept = {a->keys, a->key_stride, own, is_bf16};
    const kept_rows extra = {a->extra_keys, a->extra_stride, seen - own, 0};
    score_keys(a, kept, q, first, end, scores, stride);
    score_keys(a, extra, q, first, end, scores + own, stride);
    for (size_t head = first; head < end; head++) {
        float *weights = scores + (head - first) * stride;
        scale[head - first] = powers(weights, stride, seen);
        if (a->extra_attention) {
            a->extra_attention[row * a->extra_attention_stride + head] += weights[a->key_rows] * scale[head - first];
        }
    }
    for (size_t c = first * a->head_width; c < end * a->head_width; c++) { out[c] = 0; }
    add_kept_values(a, kept, out, first, end, scores, scale, stride);
    add_kept_values(a, extra, out, first, end, scores + own, scale, stride);
}

// Columns from `first` on of LANES rows as rows of their own; a row that is missing is zeros.
INLINE void transpose(const float *const *rows, size_t first, size_t columns, float *out, size_t stride) {
    vec a[LANES], b[LANES];
    for (size_t lane = 0; lane < LANES; lane++) {
        a[lane] = !rows[lane] ? splat(0)
            : columns == LANES ? load(rows[lane] + first)
                               : load_part(rows[lane] + first, columns, 0);
    }
    // Each step merges the first half of the vectors with the second, lane by lane; so many steps as the number of
    // lanes has binary digits transpose.
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

static void attend_head(const gk_attention *a, size_t head, float *scratch) {
    const size_t keys = a->key_rows + a->extra_rows, depth = a->head_width, first = head * depth;
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
#define NARROW_SCORES(count) score_block(count, 1, q, a->query_stride, transposed + c, stride, depth, a->scale, scores + c)
        for (; c + BLOCK_VECTORS * LANES <= stride; c += BLOCK_VECTORS * LANES) { EACH_ROW_COUNT(rows, WIDE_SCORES) }
        for (; c < stride; c += LANES) { EACH_ROW_COUNT(rows, NARROW_SCORES) }
        float scale[BLOCK_ROWS];
        for (size_t r = 0; r < rows; r++) {
            const size_t seen = a->is_causal && row + r + 1 < keys ? row + r + 1 : keys;
            scale[r] = powers(scores + r * stride, stride, seen);
            if (a->extra_attention) {
                a->extra_attention[(row + r) * a->extra_attention_stride + head] +=
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

static void attend(const gk_attention *a, size_t first, size_t end, float *scratch) {
    if (gk_attention_is_whole(a)) {
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

#define GK_VECTOR_TABLE                                                                                                \
    {                                                                                                                  \
        .layer_norm = layer_norm, .quick_gelu = quick_gelu, .gelu = gk_gelu_scalar,                                    \
        .add_bias = add_bias, .add = add, .add_scaled = add_scaled, .l2_normalize = l2_normalize,                      \
        .mean_rows = mean_rows, .dots = dots, .patches_from_rgb = gk_patches_from_rgb,                                 \
        .patches_from_planes = gk_patches_from_planes, .to_bfloat16 = to_bfloat16, .to_bytes = to_bytes,                 \
        .attend = attend                                      \
    }
