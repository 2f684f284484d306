// Products of activations and packed weights, with what follows a product fused in.
//
// Weights are packed once, in panels of 32 outputs: for each group of inputs (one float, two bfloat16 or four bytes: 4
// bytes either way) the panel's 32 outputs stand side by side. What is missing at the ends of a matrix is zero. A
// product's every output is summed in the order of the inputs by one accumulator for each place in a group, so it does
// not depend on the other rows, nor on which thread computes it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum gk_format {
    GK_FORMAT_F32 = 0,
    GK_FORMAT_BF16 = 1,
    // Activations as bytes x = scale[row] * (byte - zero[row]), weights as signed bytes w = scale[output] * byte.
    GK_FORMAT_INT8 = 2
} gk_format;

enum { GK_PANEL_OUTPUTS = 32, GK_GROUP_BYTES = 4 };

typedef enum gk_epilogue {
    GK_STORE = 0,
    // v * sigmoid(1.702 v)
    GK_QUICK_GELU = 1,
    // The result is added to what was there.
    GK_ACCUMULATE = 2
} gk_epilogue;

// out[r, o] = epilogue(sum over i of x[r, i] * w[o, i] + bias[o])
typedef struct gk_product {
    // [rows, groups of inputs]; rows are padded with zeros to whole groups. `x_stride` is in bytes.
    const void *x;
    size_t x_stride;
    // For GK_FORMAT_INT8 only: [rows].
    const float *_Nullable x_scale;
    const int32_t *_Nullable x_zero;

    // [panels][groups][32][group].
    const void *panels;
    // For GK_FORMAT_INT8 only: [outputs in whole panels], the scale of each output and the sum of its bytes.
    const float *_Nullable w_scale;
    const int32_t *_Nullable w_sum;
    // [outputs in whole panels] or NULL.
    const float *_Nullable bias;

    // [rows, outputs] of float, or of bfloat16 bits; `out_stride` is in elements. bfloat16 can't be accumulated.
    void *out;
    size_t out_stride;
    int out_is_bf16;

    size_t rows, groups, outputs;
    gk_epilogue epilogue;

    // What a later product will read, to be fetched from memory while this one computes, or NULL.
    const void *_Nullable later;
    size_t later_bytes;
} gk_product;

// Whether the processor has the instructions for products of a format.
int gk_can_multiply(gk_format format);

// Computes the outputs of the panels from `first` up to `end`, where gk_can_multiply says so.
void gk_multiply(gk_format format, const gk_product *product, size_t first, size_t end);

// Packing: `weights` [outputs, inputs] into gk_panel_bytes of panels, and for GK_FORMAT_INT8 scale and sum of every output
// in whole panels. An output's greatest magnitude becomes 127.
size_t gk_panel_bytes(gk_format format, size_t outputs, size_t inputs);
void gk_pack(
    gk_format format, const float *weights, size_t outputs, size_t inputs, void *panels, float *_Nullable w_scale,
    int32_t *_Nullable w_sum);

#pragma clang assume_nonnull end
