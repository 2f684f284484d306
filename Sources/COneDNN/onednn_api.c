#if ONEDNN
#include "onednn_api.h"

#if DNNL_VERSION_MAJOR >= 3
#define DESC_BY_STRIDES dnnl_memory_desc_create_with_strides
#define DESC_BY_TAG dnnl_memory_desc_create_with_tag
// A descriptor as the library's functions take it.
#define DESC(desc) (*(desc))
#else
#define DESC_BY_STRIDES dnnl_memory_desc_init_by_strides
#define DESC_BY_TAG dnnl_memory_desc_init_by_tag
#define DESC(desc) (desc)
#endif

dnnl_status_t gerund_onednn_desc_strided(
    gerund_onednn_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t stride, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns}, strides = {stride, 1};
    return DESC_BY_STRIDES(desc, 2, dims, type, strides);
}

dnnl_status_t gerund_onednn_desc_transposed(
    gerund_onednn_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns};
    return DESC_BY_TAG(desc, 2, dims, type, dnnl_ba);
}

dnnl_status_t gerund_onednn_desc_any(
    gerund_onednn_desc *desc, dnnl_dim_t rows, dnnl_dim_t columns, dnnl_data_type_t type) {
    dnnl_dims_t dims = {rows, columns};
    return DESC_BY_TAG(desc, 2, dims, type, dnnl_format_tag_any);
}

size_t gerund_onednn_desc_size(const gerund_onednn_desc *desc) { return dnnl_memory_desc_get_size(DESC(desc)); }

dnnl_status_t gerund_onednn_memory(
    dnnl_memory_t *memory, const gerund_onednn_desc *desc, dnnl_engine_t engine, void *data) {
    return dnnl_memory_create(memory, DESC(desc), engine, data);
}

dnnl_status_t gerund_onednn_reorder(
    dnnl_primitive_desc_t *primitive, const gerund_onednn_desc *from, const gerund_onednn_desc *to,
    dnnl_engine_t engine) {
    return dnnl_reorder_primitive_desc_create(primitive, DESC(from), engine, DESC(to), engine, NULL);
}

#if DNNL_VERSION_MAJOR >= 3

void gerund_onednn_desc_free(gerund_onednn_desc *desc) {
    if (*desc) dnnl_memory_desc_destroy(*desc);
    *desc = NULL;
}

dnnl_status_t gerund_onednn_matmul(
    dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const gerund_onednn_desc *x,
    const gerund_onednn_desc *weights, const gerund_onednn_desc *bias, const gerund_onednn_desc *out,
    dnnl_primitive_attr_t attr) {
    return dnnl_matmul_primitive_desc_create(primitive, engine, *x, *weights, bias ? *bias : NULL, *out, attr);
}

dnnl_status_t gerund_onednn_matmul_weights(gerund_onednn_desc *desc, dnnl_primitive_desc_t primitive) {
    return dnnl_memory_desc_clone(desc, dnnl_primitive_desc_query_md(primitive, dnnl_query_weights_md, 0));
}

dnnl_status_t gerund_onednn_append_sum(dnnl_post_ops_t ops) {
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

dnnl_status_t gerund_onednn_append_activation(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha) {
    return dnnl_post_ops_append_eltwise(ops, kind, alpha, 0.0f);
}

#else

void gerund_onednn_desc_free(gerund_onednn_desc *desc) { (void)desc; }

dnnl_status_t gerund_onednn_matmul(
    dnnl_primitive_desc_t *primitive, dnnl_engine_t engine, const gerund_onednn_desc *x,
    const gerund_onednn_desc *weights, const gerund_onednn_desc *bias, const gerund_onednn_desc *out,
    dnnl_primitive_attr_t attr) {
    dnnl_matmul_desc_t matmul;
    dnnl_status_t status = dnnl_matmul_desc_init(&matmul, x, weights, bias, out);
    if (status != dnnl_success) return status;
    return dnnl_primitive_desc_create(primitive, &matmul, attr, engine, NULL);
}

dnnl_status_t gerund_onednn_matmul_weights(gerund_onednn_desc *desc, dnnl_primitive_desc_t primitive) {
    const dnnl_memory_desc_t *chosen = dnnl_primitive_desc_query_md(primitive, dnnl_query_weights_md, 0);
    if (!chosen) return dnnl_runtime_error;
    *desc = *chosen;
    return dnnl_success;
}

dnnl_status_t gerund_onednn_append_sum(dnnl_post_ops_t ops) { return dnnl_post_ops_append_sum(ops, 1.0f); }

dnnl_status_t gerund_onednn_append_activation(dnnl_post_ops_t ops, dnnl_alg_kind_t kind, float alpha) {
    return dnnl_post_ops_append_eltwise(ops, 1.0f, kind, alpha, 0.0f);
}

#endif

#endif
