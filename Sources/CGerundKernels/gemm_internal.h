// The implementations behind gerund_gemm, one per instruction set.
#pragma once

#include "gerund_gemm.h"

enum { PANEL_OUTPUTS = GERUND_GEMM_PANEL_OUTPUTS, GROUP_BYTES = GERUND_GEMM_GROUP_BYTES };

#if defined(__x86_64__)
void gerund_gemm_avx512(gerund_gemm_type type, const gerund_gemm_args *_Nonnull args, size_t first, size_t end);
#endif
