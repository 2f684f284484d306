#if ONEDNN
#define _GNU_SOURCE // RTLD_DEFAULT
#include "gerund_onednn.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "products.h"

// A product is compiled for its number of rows, strides and epilogue. A model asks for a dozen kinds at most; beyond
// the limit the oldest is compiled anew when it comes again.
enum { PLAN_LIMIT = 24 };

typedef struct plan {
    size_t rows, x_stride, out_stride;
    gd_epilogue epilogue;
    gd_desc x, out;
    dnnl_primitive_t primitive;
} plan;

struct gd_linear {
    size_t outputs, inputs;
    dnnl_data_type_t type;
    gd_desc weights, bias;
    void *weight_data;
    float *bias_data;
    pthread_mutex_t lock; // of the plans
    plan plans[PLAN_LIMIT];
    size_t plan_count, next_plan;
};

static dnnl_engine_t shared_engine;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;

static void make_engine(void) {
    if (dnnl_engine_create(&shared_engine, dnnl_cpu, 0) != dnnl_success) shared_engine = NULL;
}

static dnnl_engine_t engine(void) {
    pthread_once(&engine_once, make_engine);
    return shared_engine;
}

static dnnl_status_t run(dnnl_primitive_t primitive, int count, const dnnl_exec_arg_t *arguments) {
    dnnl_stream_t stream;
    dnnl_status_t status = dnnl_stream_create(&stream, engine(), dnnl_stream_default_flags);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_execute(primitive, stream, count, arguments);
    if (status == dnnl_success) status = dnnl_stream_wait(stream);
    dnnl_stream_destroy(stream);
    return status;
}

static dnnl_status_t make_attributes(dnnl_primitive_attr_t *attr, gd_epilogue epilogue) {
    dnnl_status_t status = dnnl_primitive_attr_create(attr);
    if (status != dnnl_success || epilogue == GD_STORE) return status;
    dnnl_post_ops_t ops;
    status = dnnl_post_ops_create(&ops);
    if (status != dnnl_success) return status;
    switch (epilogue) {
    case GD_QUICK_GELU: status = gd_append_activation(ops, dnnl_eltwise_swish, 1.702f); break;
    case GD_GELU: status = gd_append_activation(ops, dnnl_eltwise_gelu_erf, 0.0f); break;
    case GD_ACCUMULATE: status = gd_append_sum(ops); break;
    case GD_STORE: break;
    }
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

// The plan of a product, and the layouts of what goes in and out; `weights` says which layout the weights have.
static dnnl_status_t describe(
    const gd_linear *linear, const gd_desc *weights, size_t rows, size_t x_stride, size_t out_stride,
    gd_epilogue epilogue, gd_desc *x, gd_desc *out, dnnl_primitive_desc_t *description) {
    dnnl_dim_t m = (dnnl_dim_t)rows, k = (dnnl_dim_t)linear->inputs, n = (dnnl_dim_t)linear->outputs;
    dnnl_status_t status = gd_desc_strided(x, m, k, (dnnl_dim_t)x_stride, linear->type);
    if (status != dnnl_success) return status;
    status = gd_desc_strided(out, m, n, (dnnl_dim_t)out_stride, dnnl_f32);
    if (status != dnnl_success) {
        gd_desc_free(x);
        return status;
    }
    dnnl_primitive_attr_t attr = NULL;
    status = make_attributes(&attr, epilogue);
    if (status == dnnl_success)
        status = gd_product(
            description, engine(), x, weights, linear->bias_data ? &linear->bias : NULL, out, attr);
    if (attr) dnnl_primitive_attr_destroy(attr);
    if (status != dnnl_success) {
        gd_desc_free(x);
        gd_desc_free(out);
    }
    return status;
}

static void drop_plan(plan *plan) {
    if (plan->primitive) dnnl_primitive_destroy(plan->primitive);
    gd_desc_free(&plan->x);
    gd_desc_free(&plan->out);
    memset(plan, 0, sizeof *plan);
}

// Under the lock.
static dnnl_status_t find_plan(
    gd_linear *linear, size_t rows, size_t x_stride, size_t out_stride, gd_epilogue epilogue, plan **found) {
    for (size_t i = 0; i < linear->plan_count; i++) {
        plan *p = &linear->plans[i];
        if (p->rows == rows && p->x_stride == x_stride && p->out_stride == out_stride && p->epilogue == epilogue) {
            *found = p;
            return dnnl_success;
        }
    }
    plan fresh = {.rows = rows, .x_stride = x_stride, .out_stride = out_stride, .epilogue = epilogue};
    dnnl_primitive_desc_t description;
    dnnl_status_t status = describe(
        linear, &linear->weights, rows, x_stride, out_stride, epilogue, &fresh.x, &fresh.out, &description);
    if (status != dnnl_success) return status;
    status = dnnl_primitive_create(&fresh.primitive, description);
    dnnl_primitive_desc_destroy(description);
    if (status != dnnl_success) {
        gd_desc_free(&fresh.x);
        gd_desc_free(&fresh.out);
        return status;
    }
    size_t slot = linear->plan_count < PLAN_LIMIT ? linear->plan_count++ : linear->next_plan++ % PLAN_LIMIT;
    drop_plan(&linear->plans[slot]);
    linear->plans[slot] = fresh;
    *found = &linear->plans[slot];
    return dnnl_success;
}

// Lets oneDNN choose the layout of the weights by a product of many rows, and brings them into it.
static dnnl_status_t pack(gd_linear *linear, const float *weights) {
    dnnl_dim_t k = (dnnl_dim_t)linear->inputs, n = (dnnl_dim_t)linear->outputs;
    gd_desc any, given, x, out;
    dnnl_status_t status = gd_desc_any(&any, k, n, linear->type);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_t description;
    status = describe(
        linear, &any, 400, linear->inputs, linear->outputs, GD_STORE, &x, &out, &description);
    gd_desc_free(&any);
    if (status != dnnl_success) return status;
    status = gd_product_weights(&linear->weights, description);
    dnnl_primitive_desc_destroy(description);
    gd_desc_free(&x);
    gd_desc_free(&out);
    if (status != dnnl_success) return status;

    // Whole cache lines, and a size that is a multiple of the alignment, as aligned_alloc wants it.
    size_t size = (gd_desc_size(&linear->weights) + 63) / 64 * 64;
    linear->weight_data = aligned_alloc(64, size);
    if (!linear->weight_data) return dnnl_out_of_memory;
    // [inputs, outputs] to oneDNN, stored column after column, is [outputs, inputs] as given.
    status = gd_desc_transposed(&given, k, n, dnnl_f32);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_t reorder = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_memory_t from = NULL, to = NULL;
    status = gd_reorder(&reorder, &given, &linear->weights, engine());
    if (status == dnnl_success) status = dnnl_primitive_create(&primitive, reorder);
    if (status == dnnl_success) status = gd_memory(&from, &given, engine(), (void *)weights);
    if (status == dnnl_success) status = gd_memory(&to, &linear->weights, engine(), linear->weight_data);
    if (status == dnnl_success) {
        dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
        status = run(primitive, 2, arguments);
    }
    if (from) dnnl_memory_destroy(from);
    if (to) dnnl_memory_destroy(to);
    if (primitive) dnnl_primitive_destroy(primitive);
    if (reorder) dnnl_primitive_desc_destroy(reorder);
    gd_desc_free(&given);
    return status;
}

gd_linear *gd_linear_create(
    size_t outputs, size_t inputs, const float *weights, const float *bias, gd_precision precision) {
    if (!engine() || outputs == 0 || inputs == 0) return NULL;
    gd_linear *linear = calloc(1, sizeof *linear);
    if (!linear) return NULL;
    linear->outputs = outputs;
    linear->inputs = inputs;
    linear->type = precision == GD_BF16 ? dnnl_bf16 : dnnl_f32;
    pthread_mutex_init(&linear->lock, NULL);
    dnnl_status_t status = dnnl_success;
    if (bias) {
        linear->bias_data = malloc(outputs * sizeof *bias);
        status = linear->bias_data ? dnnl_success : dnnl_out_of_memory;
        if (status == dnnl_success) {
            memcpy(linear->bias_data, bias, outputs * sizeof *bias);
            status = gd_desc_strided(&linear->bias, 1, (dnnl_dim_t)outputs, (dnnl_dim_t)outputs, dnnl_f32);
        }
    }
    if (status == dnnl_success) status = pack(linear, weights);
    if (status != dnnl_success) {
        gd_linear_destroy(linear);
        return NULL;
    }
    return linear;
}

void gd_linear_destroy(gd_linear *linear) {
    for (size_t i = 0; i < linear->plan_count; i++) drop_plan(&linear->plans[i]);
    gd_desc_free(&linear->weights);
    if (linear->bias_data) gd_desc_free(&linear->bias);
    free(linear->weight_data);
    free(linear->bias_data);
    pthread_mutex_destroy(&linear->lock);
    free(linear);
}

int gd_linear_apply(
    gd_linear *linear, const void *x, size_t x_stride, size_t rows, float *out, size_t out_stride,
    gd_epilogue epilogue) {
    if (rows == 0) return 0;
    dnnl_memory_t x_memory = NULL, weights = NULL, bias = NULL, out_memory = NULL;
    // The lock is held while the product runs: another thread's product may otherwise drop the plan meanwhile. One
    // product at a time is all that the threads are good for anyway.
    pthread_mutex_lock(&linear->lock);
    plan *plan;
    dnnl_status_t status = find_plan(linear, rows, x_stride, out_stride, epilogue, &plan);
    if (status == dnnl_success) status = gd_memory(&x_memory, &plan->x, engine(), (void *)x);
    if (status == dnnl_success) status = gd_memory(&weights, &linear->weights, engine(), linear->weight_data);
    if (status == dnnl_success && linear->bias_data)
        status = gd_memory(&bias, &linear->bias, engine(), linear->bias_data);
    if (status == dnnl_success) status = gd_memory(&out_memory, &plan->out, engine(), out);
    if (status == dnnl_success) {
        dnnl_exec_arg_t arguments[] = {
            {DNNL_ARG_SRC, x_memory}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, out_memory}, {DNNL_ARG_BIAS, bias}};
        status = run(plan->primitive, linear->bias_data ? 4 : 3, arguments);
    }
    pthread_mutex_unlock(&linear->lock);
    if (x_memory) dnnl_memory_destroy(x_memory);
    if (weights) dnnl_memory_destroy(weights);
    if (bias) dnnl_memory_destroy(bias);
    if (out_memory) dnnl_memory_destroy(out_memory);
    return (int)status;
}

const char *gd_linear_implementation(gd_linear *linear, size_t index) {
    pthread_mutex_lock(&linear->lock);
    const char *name = NULL;
    const_dnnl_primitive_desc_t description;
    if (index < linear->plan_count
        && dnnl_primitive_get_primitive_desc(linear->plans[index].primitive, &description) == dnnl_success)
        dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&name);
    pthread_mutex_unlock(&linear->lock);
    return name;
}

int gd_supports(gd_precision precision) {
    if (precision == GD_F32) return engine() != NULL;
    // Emulated bfloat16 is slower than float32. A name with the instructions' own is the only sign that oneDNN gives.
    enum { SIZE = 64 };
    float weights[SIZE * SIZE] = {0};
    gd_linear *linear = gd_linear_create(SIZE, SIZE, weights, NULL, precision);
    if (!linear) return 0;
    plan *plan;
    const char *name = NULL;
    if (find_plan(linear, SIZE, SIZE, SIZE, GD_STORE, &plan) == dnnl_success)
        name = gd_linear_implementation(linear, 0);
    int supports = name && (strstr(name, "bf16") || strstr(name, "amx"));
    gd_linear_destroy(linear);
    return supports;
}

void gd_version(int *major, int *minor, int *patch) {
    const dnnl_version_t *version = dnnl_version();
    *major = version->major;
    *minor = version->minor;
    *patch = version->patch;
}

void gd_set_thread_count(int count) {
    // libgomp's, which Debian's oneDNN runs on and brings along; another build may run on something else.
    void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) set(count);
}

#endif
