// The products of one instruction set, behind gk_multiply.
#pragma once

#include "gerund_products.h"

#if defined(__x86_64__)
void gk_multiply_avx512(gk_format format, const gk_product *_Nonnull product, size_t first, size_t end);
#endif
