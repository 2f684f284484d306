// The objects of oneDNN that differ between its versions 2 and 3.
#pragma once

#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t gd_desc; // a handle
#else
typedef dnnl_memory_desc_t gd_desc; // a value
#endif

// A matrix [rows, columns] with the given distance between rows, or in whatever layout oneDNN likes best (any).
dnnl_status_t gd_desc_strided(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t stride, dnnl_data_type_t type);
dnnl_status_t gd_desc_transposed(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type);
dnnl_status_t gd_desc_any(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type);
void gd_desc_free(gd_desc *desc);

// A product's plan. `bias` may be NULL.
dnnl_status_t gd_product(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, const gd_desc *x, const gd_desc *weights, const gd_desc *bias,
    const gd_desc *out, dnnl_primitive_attr_t attr);

// The layout of the weights that a plan chose. A copy, to be freed.
dnnl_status_t gd_product_weights(gd_desc *desc, dnnl_primitive_desc_t plan);

dnnl_status_t gd_append_sum(dnnl_post_ops_t ops);
dnnl_status_t gd_append_activation(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha);

dnnl_status_t gd_memory(dnnl_memory_t *memory, const gd_desc *desc, dnnl_engine_t engine, void *data);
dnnl_status_t gd_reorder(dnnl_primitive_desc_t *plan, const gd_desc *from, const gd_desc *to, dnnl_engine_t engine);
size_t gd_desc_size(const gd_desc *desc);
