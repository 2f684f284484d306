// Loops of nothing but one kind of arithmetic in registers, and of nothing but reads: the processor's peak throughput
// and the memory's peak bandwidth.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gerund_gemm.h"

#pragma clang assume_nonnull begin

// Runs a number of rounds. Returns the number of operations; a multiplication and an addition count as two.
typedef uint64_t (*gerund_peak_loop)(size_t rounds);

// The fastest loop of a type that this machine has instructions for, or NULL.
gerund_peak_loop _Nullable gerund_peak(gerund_gemm_type type);

// Reads `count` numbers in order. Returns their sum, so that the compiler can't elide a read.
uint64_t gerund_bandwidth_read(const uint64_t *numbers, size_t count);

#pragma clang assume_nonnull end
