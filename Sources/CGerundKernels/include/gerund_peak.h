// Loops that do nothing but one kind of arithmetic, in registers: what the processor can reach at best.
//
// A loop has enough independent accumulators to keep every unit busy in spite of the instructions' latency.
#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum gk_arithmetic { GK_FLOAT32 = 0, GK_BFLOAT16 = 1, GK_INT8 = 2 } gk_arithmetic;

// Runs some rounds. Returns how many operations that were; a multiplication and an addition are two.
typedef uint64_t (*gk_peak_loop)(size_t rounds);

// The fastest loop that this machine has instructions for, or NULL.
gk_peak_loop _Nullable gk_peak(gk_arithmetic arithmetic);

// Reads `count` numbers in order and returns their sum, so that no read can be left out.
uint64_t gk_read(const uint64_t *numbers, size_t count);

#pragma clang assume_nonnull end
