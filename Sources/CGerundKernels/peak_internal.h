// The declarations that the files of peak loops share.
#pragma once

#include "gerund_peak.h"

#if defined(__x86_64__)
uint64_t gerund_peak_f32_avx2(size_t rounds);
uint64_t gerund_peak_u8s8_avxvnni(size_t rounds);
uint64_t gerund_peak_f32_avx512(size_t rounds);
uint64_t gerund_peak_bf16_avx512(size_t rounds);
uint64_t gerund_peak_u8s8_avx512(size_t rounds);

// Defines a loop whose accumulators are independent, so that every arithmetic unit is busy in spite of the
// instructions' latency. A file defines beforehand:
// - ACCUMULATORS and EACH_ACCUMULATOR(F), which expands F once per accumulator. Accumulators are named variables, since
//   an array would live in memory.
// - USE(n), which makes the compiler compute accumulator n.
// `inputs` declares the constant operands, DECLARE(n) accumulator n; STEP(n) is one instruction on it, of `operations`
// operations.
#define DEFINE_PEAK_LOOP(name, features, inputs, DECLARE, STEP, operations)                                            \
    __attribute__((target(features))) uint64_t name(size_t rounds) {                                                   \
        inputs;                                                                                                        \
        EACH_ACCUMULATOR(DECLARE)                                                                                      \
        for (size_t i = 0; i < rounds; i++) { EACH_ACCUMULATOR(STEP) }                                                 \
        EACH_ACCUMULATOR(USE)                                                                                          \
        return (uint64_t)rounds * ACCUMULATORS * (operations);                                                         \
    }
#endif
