// Linear layers by oneDNN: the weights of a layer are packed once, and a kernel is generated per number of rows.
//
// oneDNN's C API differs between its versions 2 and 3, and a matrix multiplication takes a dozen objects in both; this
// is the part that Gerund needs, the same for both. What is used when is the caller's decision.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum gerund_onednn_precision { GERUND_ONEDNN_F32 = 0, GERUND_ONEDNN_BF16 = 1 } gerund_onednn_precision;

// The operation on the result of a multiplication before it is stored. QuickGELU is v * sigmoid(1.702 v).
typedef enum gerund_onednn_epilogue {
    GERUND_ONEDNN_STORE = 0,
    GERUND_ONEDNN_QUICK_GELU = 1,
    GERUND_ONEDNN_GELU = 2,
    // The result is added to the value that `out` holds.
    GERUND_ONEDNN_ACCUMULATE = 3
} gerund_onednn_epilogue;

typedef struct gerund_onednn_linear gerund_onednn_linear;

// Returns whether this machine has instructions for a precision; emulation doesn't count.
int gerund_onednn_supports(gerund_onednn_precision precision);

// weights [outputs, inputs], bias [outputs] or NULL; both are copied. `threads` threads compute one multiplication.
// NULL if oneDNN fails or memory is exhausted.
gerund_onednn_linear *_Nullable gerund_onednn_linear_create(
    size_t outputs, size_t inputs, const float *weights, const float *_Nullable bias,
    gerund_onednn_precision precision, int threads);

void gerund_onednn_linear_destroy(gerund_onednn_linear *linear);

// out = epilogue(x * weights^T + bias). x [rows, inputs]: float for GERUND_ONEDNN_F32, bfloat16 bits for
// GERUND_ONEDNN_BF16; out [rows, outputs] is float. Strides are in elements. Any thread may call it at any time.
// Returns 0 on success, oneDNN's status otherwise.
int gerund_onednn_linear_apply(
    gerund_onednn_linear *linear, const void *x, size_t x_stride, size_t rows, float *out, size_t out_stride,
    gerund_onednn_epilogue epilogue);

// The name of oneDNN's implementation of one of the kinds of multiplications that the layer has computed so far, for
// example brg:avx512_core_bf16; NULL beyond the last. A name that begins with "ref" is oneDNN's reference
// implementation, which is hundreds of times slower.
const char *_Nullable gerund_onednn_linear_implementation(gerund_onednn_linear *linear, size_t index);

// oneDNN's version, for example 2.6.3.
void gerund_onednn_version(int *major, int *minor, int *patch);

#pragma clang assume_nonnull end
