// Matrix multiplication (GEMM) of activations by packed weights, with fused epilogues.
//
// Weights are packed once, in panels of 32 outputs: for each group of inputs (one float, two bfloat16 or four bytes: 4
// bytes in each case) the panel's 32 outputs lie side by side. The ends of a matrix are padded with zeros. Every output
// is summed in the order of the inputs, by one accumulator per position in a group, so that it depends neither on the
// other rows nor on the thread that computes it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// The types of activations and weights.
typedef enum gerund_gemm_type {
    // float32 activations and weights, float32 accumulation.
    GERUND_GEMM_F32 = 0,
    // bfloat16 activations and weights, float32 accumulation.
    GERUND_GEMM_BF16 = 1,
    // Unsigned 8-bit activations, x = scale[row] * (byte - zero_point[row]); signed 8-bit weights, w = scale[output] *
    // byte; int32 accumulation.
    GERUND_GEMM_U8S8 = 2
} gerund_gemm_type;

enum { GERUND_GEMM_PANEL_OUTPUTS = 32, GERUND_GEMM_GROUP_BYTES = 4 };

typedef enum gerund_gemm_epilogue {
    GERUND_GEMM_STORE = 0,
    // v * sigmoid(1.702 v)
    GERUND_GEMM_QUICK_GELU = 1,
    // The result is added to the value that `out` holds.
    GERUND_GEMM_ACCUMULATE = 2
} gerund_gemm_epilogue;

// out[r, o] = epilogue(sum over i of x[r, i] * w[o, i] + bias[o])
typedef struct gerund_gemm_args {
    // [rows, groups of inputs]; rows are padded with zeros to whole groups. `x_stride` is in bytes.
    const void *x;
    size_t x_stride;
    // [rows]; GERUND_GEMM_U8S8 only.
    const float *_Nullable x_scale;
    const int32_t *_Nullable x_zero_point;

    // [panels][groups][32][group].
    const void *panels;
    // [outputs in whole panels], the scale of each output and the sum of its bytes; GERUND_GEMM_U8S8 only.
    const float *_Nullable w_scale;
    const int32_t *_Nullable w_sum;
    // [outputs in whole panels] or NULL.
    const float *_Nullable bias;

    // [rows, outputs] of float, or of bfloat16 bits; `out_stride` is in elements. GERUND_GEMM_ACCUMULATE takes float
    // only.
    void *out;
    size_t out_stride;
    int out_is_bf16;

    size_t rows, groups, outputs;
    gerund_gemm_epilogue epilogue;

    // Memory that a later multiplication reads, prefetched into the second-level cache during this one, or NULL.
    const void *_Nullable prefetch;
    size_t prefetch_bytes;
} gerund_gemm_args;

// Returns whether the processor has the instructions for a type.
int gerund_gemm_supports(gerund_gemm_type type);

// Computes the outputs of the panels `first`..<`end`. The processor must support the type.
void gerund_gemm(gerund_gemm_type type, const gerund_gemm_args *args, size_t first, size_t end);

// The size of the packed panels of `weights` [outputs, inputs].
size_t gerund_gemm_panel_bytes(gerund_gemm_type type, size_t outputs, size_t inputs);

// Packs `weights` [outputs, inputs] into panels, and for GERUND_GEMM_U8S8 computes the scale and the sum of every
// output in whole panels: the largest magnitude of an output becomes 127.
void gerund_gemm_pack(
    gerund_gemm_type type, const float *weights, size_t outputs, size_t inputs, void *panels, float *_Nullable w_scale,
    int32_t *_Nullable w_sum);

#pragma clang assume_nonnull end
