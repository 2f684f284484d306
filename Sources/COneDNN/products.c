#if ONEDNN
#include "products.h"

#if DNNL_VERSION_MAJOR >= 3

dnnl_status_t gd_desc_strided(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t stride, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns}, strides = {stride, 1};
    return dnnl_memory_desc_create_with_strides(desc, 2, dims, type, strides);
}

dnnl_status_t gd_desc_transposed(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns};
    return dnnl_memory_desc_create_with_tag(desc, 2, dims, type, dnnl_ba);
}

dnnl_status_t gd_desc_any(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns};
    return dnnl_memory_desc_create_with_tag(desc, 2, dims, type, dnnl_format_tag_any);
}

void gd_desc_free(gd_desc *desc) {
    if (*desc) dnnl_memory_desc_destroy(*desc);
    *desc = NULL;
}

dnnl_status_t gd_product(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, const gd_desc *x, const gd_desc *weights, const gd_desc *bias,
    const gd_desc *out, dnnl_primitive_attr_t attr) {
    return dnnl_matmul_primitive_desc_create(plan, engine, *x, *weights, bias ? *bias : NULL, *out, attr);
}

dnnl_status_t gd_product_weights(gd_desc *desc, dnnl_primitive_desc_t plan) {
    return dnnl_memory_desc_clone(desc, dnnl_primitive_desc_query_md(plan, dnnl_query_weights_md, 0));
}

dnnl_status_t gd_append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

dnnl_status_t gd_append_activation(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha) {
    return dnnl_post_ops_append_eltwise(ops, kind, alpha, 0.0f);
}

dnnl_status_t gd_memory(dnnl_memory_t *memory, const gd_desc *desc, dnnl_engine_t engine, void *data) {
    return dnnl_memory_create(memory, *desc, engine, data);
}

dnnl_status_t gd_reorder(dnnl_primitive_desc_t *plan, const gd_desc *from, const gd_desc *to, dnnl_engine_t engine) {
    return dnnl_reorder_primitive_desc_create(plan, *from, engine, *to, engine, NULL);
}

size_t gd_desc_size(const gd_desc *desc) { return dnnl_memory_desc_get_size(*desc); }

#else

dnnl_status_t gd_desc_strided(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t stride, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns}, strides = {stride, 1};
    return dnnl_memory_desc_init_by_strides(desc, 2, dims, type, strides);
}

dnnl_status_t gd_desc_transposed(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns};
    return dnnl_memory_desc_init_by_tag(desc, 2, dims, type, dnnl_ba);
}

dnnl_status_t gd_desc_any(gd_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns};
    return dnnl_memory_desc_init_by_tag(desc, 2, dims, type, dnnl_format_tag_any);
}

void gd_desc_free(gd_desc *desc) { (void)desc; }

dnnl_status_t gd_product(
    dnnl_primitive_desc_t *plan, dnnl_engine_t engine, const gd_desc *x, const gd_desc *weights, const gd_desc *bias,
    const gd_desc *out, dnnl_primitive_attr_t attr) {
    dnnl_matmul_desc_t product;
    dnnl_status_t status = dnnl_matmul_desc_init(&product, x, weights, bias, out);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(plan, &product, attr, engine, NULL);
}

dnnl_status_t gd_product_weights(gd_desc *desc, dnnl_primitive_desc_t plan) {
    const dnnl_memory_desc_t *chosen = dnnl_primitive_desc_query_md(plan, dnnl_query_weights_md, 0);
    if (!chosen) return dnnl_runtime_error;
    *desc = *chosen;
    return dnnl_success;
}

dnnl_status_t gd_append_sum(dnnl_post_ops_t ops) { return dnnl_post_ops_append_sum(ops, 1.0f); }

dnnl_status_t gd_append_activation(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha) {
    return dnnl_post_ops_append_eltwise(ops, 1.0f, kind, alpha, 0.0f);
}

dnnl_status_t gd_memory(dnnl_memory_t *memory, const gd_desc *desc, dnnl_engine_t engine, void *data) {
    return dnnl_memory_create(memory, desc, engine, data);
}

dnnl_status_t gd_reorder(dnnl_primitive_desc_t *plan, const gd_desc *from, const gd_desc *to, dnnl_engine_t engine) {
    return dnnl_reorder_primitive_desc_create(plan, from, engine, to, engine, NULL);
}

size_t gd_desc_size(const gd_desc *desc) { return dnnl_memory_desc_get_size(desc); }

#endif

#endif
