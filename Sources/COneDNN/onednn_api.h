// The part of oneDNN's C API that differs between its versions 2 and 3.
#pragma once

#include <oneapi/dnnl/dnnl.h>
#include <stddef.h>

// A memory descriptor: a value in version 2, a handle in version 3. To be freed in either.
typedef dnnl_memory_desc_t gerund_onednn_desc;

// A row-major matrix [rows, columns] with `stride` elements between the starts of two rows.
dnnl_status_t gerund_onednn_desc_strided(
    gerund_onednn_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t stride, dnnl_data_type_t type);

// A column-major matrix [rows, columns].
dnnl_status_t gerund_onednn_desc_transposed(
    gerund_onednn_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type);

// A matrix [rows, columns] in the layout that oneDNN chooses.
dnnl_status_t gerund_onednn_desc_any(
    gerund_onednn_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type);

void gerund_onednn_desc_free(gerund_onednn_desc *desc);

// The size of the memory that a descriptor describes, in bytes.
size_t gerund_onednn_desc_size(const gerund_onednn_desc *desc);

// The primitive descriptor of a matrix multiplication. `bias` may be NULL.
dnnl_status_t gerund_onednn_matmul(
    dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const gerund_onednn_desc *x,
    const gerund_onednn_desc *weights, const gerund_onednn_desc *bias, const gerund_onednn_desc *out,
    dnnl_primitive_attr_t attr);

// A copy of the weights' descriptor in a matrix multiplication, with the layout that oneDNN chose.
dnnl_status_t gerund_onednn_matmul_weights(gerund_onednn_desc *desc, dnnl_primitive_desc_t primitive);

// Append operations to those that follow a matrix multiplication.
dnnl_status_t gerund_onednn_append_sum(dnnl_post_ops_t ops);
dnnl_status_t gerund_onednn_append_activation(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha);

// A memory object for data that stays the caller's.
dnnl_status_t gerund_onednn_memory(
    dnnl_memory_t *memory, const gerund_onednn_desc *desc, dnnl_engine_t engine, void *data);

// The primitive descriptor of a conversion from one layout to another.
dnnl_status_t gerund_onednn_reorder(
    dnnl_primitive_desc_t *primitive, const gerund_onednn_desc *from, const gerund_onednn_desc *to,
    dnnl_engine_t engine);
