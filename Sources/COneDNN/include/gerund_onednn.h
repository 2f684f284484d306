// Linear layers by oneDNN: a layer's weights are packed once, products are made for as many rows as come.
//
// oneDNN's C interface differs between its versions 2 and 3, and a product is a dozen objects in either; this is the
// part that Gerund needs, the same for both. No policy: what is used when is decided by the caller.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum gd_precision { GD_F32 = 0, GD_BF16 = 1 } gd_precision;

// What happens to a product before it is stored. QuickGELU is v * sigmoid(1.702 v).
typedef enum gd_epilogue { GD_STORE = 0, GD_QUICK_GELU = 1, GD_GELU = 2, GD_ACCUMULATE = 3 } gd_epilogue;

typedef struct gd_linear gd_linear;

// Whether this machine computes products of that precision with instructions made for it, not by emulation.
int gd_supports(gd_precision precision);

// weights [outputs, inputs], bias [outputs] or NULL; both are copied. NULL when oneDNN or the memory fails.
gd_linear *_Nullable gd_linear_create(
    size_t outputs, size_t inputs, const float *weights, const float *_Nullable bias, gd_precision precision);

void gd_linear_destroy(gd_linear *linear);

// out = epilogue(x * weights^T + bias). x [rows, inputs]: float for GD_F32, bfloat16 bits for GD_BF16; out
// [rows, outputs] is float. Strides are in elements. Any thread may call it at any time.
// 0 on success, else oneDNN's status.
int gd_linear_apply(
    gd_linear *linear, const void *x, size_t x_stride, size_t rows, float *out, size_t out_stride,
    gd_epilogue epilogue);

// The name of oneDNN's implementation of one kind of products that the layer was asked for so far, for example
// brg:avx512_core_bf16; NULL beyond the last. "ref" in front is a loop for reading, hundreds of times slower.
const char *_Nullable gd_linear_implementation(gd_linear *linear, size_t index);

// oneDNN's version, for example 2.6.3.
void gd_version(int *major, int *minor, int *patch);

// How many threads a product may use; the whole process shares the setting.
void gd_set_thread_count(int count);

#pragma clang assume_nonnull end
