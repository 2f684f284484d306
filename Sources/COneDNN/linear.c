#if ONEDNN
#define _GNU_SOURCE // RTLD_DEFAULT
#include "gerund_onednn.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "onednn_api.h"

// A kernel is generated for a number of rows, strides and an epilogue: a plan. A model needs a dozen at most; beyond
// the limit the oldest plan is dropped, and made again if it is needed again.
enum { PLAN_LIMIT = 24 };

typedef struct plan {
    size_t rows, x_stride, out_stride;
    gerund_onednn_epilogue epilogue;
    gerund_onednn_desc x, out;
    dnnl_primitive_t primitive;
} plan;

struct gerund_onednn_linear {
    size_t outputs, inputs;
    int threads;
    dnnl_data_type_t type;
    gerund_onednn_desc weights, bias;
    void *weight_data;
    float *bias_data;
    pthread_mutex_t lock; // guards the plans
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

static void (*set_omp_threads)(int);
static pthread_once_t omp_once = PTHREAD_ONCE_INIT;

static void find_omp(void) { set_omp_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads"); }

// Sets the number of threads that oneDNN uses for the calling thread. OpenMP keeps the setting per thread, so it is
// made before every plan and multiplication. Debian's oneDNN is built on libgomp, which it loads; a build on another
// runtime keeps that runtime's default.
static void use_threads(int count) {
    pthread_once(&omp_once, find_omp);
    if (set_omp_threads) set_omp_threads(count);
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

static dnnl_status_t make_attributes(dnnl_primitive_attr_t *attr, gerund_onednn_epilogue epilogue) {
    dnnl_status_t status = dnnl_primitive_attr_create(attr);
    if (status != dnnl_success || epilogue == GERUND_ONEDNN_STORE) return status;
    dnnl_post_ops_t ops;
    status = dnnl_post_ops_create(&ops);
    if (status != dnnl_success) return status;
    switch (epilogue) {
    case GERUND_ONEDNN_QUICK_GELU: status = gerund_onednn_append_activation(ops, dnnl_eltwise_swish, 1.702f); break;
    case GERUND_ONEDNN_GELU: status = gerund_onednn_append_activation(ops, dnnl_eltwise_gelu_erf, 0.0f); break;
    case GERUND_ONEDNN_ACCUMULATE: status = gerund_onednn_append_sum(ops); break;
    case GERUND_ONEDNN_STORE: break;
    }
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

// Describes a matrix multiplication and its input and output; `weights` has the layout of the weights, or leaves it to
// oneDNN.
static dnnl_status_t describe(
    const gerund_onednn_linear *linear, const gerund_onednn_desc *weights, size_t rows, size_t x_stride,
    size_t out_stride, gerund_onednn_epilogue epilogue, gerund_onednn_desc *x, gerund_onednn_desc *out,
    dnnl_primitive_desc_t *description) {
    dnnl_dim_t m = (dnnl_dim_t)rows, k = (dnnl_dim_t)linear->inputs, n = (dnnl_dim_t)linear->outputs;
    dnnl_status_t status = gerund_onednn_desc_strided(x, m, k, (dnnl_dim_t)x_stride, linear->type);
    if (status != dnnl_success) return status;
    status = gerund_onednn_desc_strided(out, m, n, (dnnl_dim_t)out_stride, dnnl_f32);
    if (status != dnnl_success) {
        gerund_onednn_desc_free(x);
        return status;
    }
    dnnl_primitive_attr_t attr = NULL;
    status = make_attributes(&attr, epilogue);
    if (status == dnnl_success)
        status = gerund_onednn_matmul(
            description, engine(), x, weights, linear->bias_data ? &linear->bias : NULL, out, attr);
    if (attr) dnnl_primitive_attr_destroy(attr);
    if (status != dnnl_success) {
        gerund_onednn_desc_free(x);
        gerund_onednn_desc_free(out);
    }
    return status;
}

static void drop_plan(plan *plan) {
    if (plan->primitive) dnnl_primitive_destroy(plan->primitive);
    gerund_onednn_desc_free(&plan->x);
    gerund_onednn_desc_free(&plan->out);
    memset(plan, 0, sizeof *plan);
}

// Finds or makes a plan. The caller holds the lock.
static dnnl_status_t find_plan(
    gerund_onednn_linear *linear, size_t rows, size_t x_stride, size_t out_stride, gerund_onednn_epilogue epilogue,
    plan **found) {
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
        gerund_onednn_desc_free(&fresh.x);
        gerund_onednn_desc_free(&fresh.out);
        return status;
    }
    size_t slot = linear->plan_count < PLAN_LIMIT ? linear->plan_count++ : linear->next_plan++ % PLAN_LIMIT;
    drop_plan(&linear->plans[slot]);
    linear->plans[slot] = fresh;
    *found = &linear->plans[slot];
    return dnnl_success;
}

// Lets oneDNN choose the layout of the weights for a multiplication of many rows, and converts them to it.
static dnnl_status_t pack(gerund_onednn_linear *linear, const float *weights) {
    dnnl_dim_t k = (dnnl_dim_t)linear->inputs, n = (dnnl_dim_t)linear->outputs;
    gerund_onednn_desc any, given, x, out;
    dnnl_status_t status = gerund_onednn_desc_any(&any, k, n, linear->type);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_t description;
    status = describe(
        linear, &any, 400, linear->inputs, linear->outputs, GERUND_ONEDNN_STORE, &x, &out, &description);
    gerund_onednn_desc_free(&any);
    if (status != dnnl_success) return status;
    status = gerund_onednn_matmul_weights(&linear->weights, description);
    dnnl_primitive_desc_destroy(description);
    gerund_onednn_desc_free(&x);
    gerund_onednn_desc_free(&out);
    if (status != dnnl_success) return status;

    // A multiple of the alignment, as aligned_alloc requires.
    size_t size = (gerund_onednn_desc_size(&linear->weights) + 63) / 64 * 64;
    linear->weight_data = aligned_alloc(64, size);
    if (!linear->weight_data) return dnnl_out_of_memory;
    // oneDNN's column-major [inputs, outputs] is the row-major [outputs, inputs] that is given.
    status = gerund_onednn_desc_transposed(&given, k, n, dnnl_f32);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_t reorder = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_memory_t from = NULL, to = NULL;
    status = gerund_onednn_reorder(&reorder, &given, &linear->weights, engine());
    if (status == dnnl_success) status = dnnl_primitive_create(&primitive, reorder);
    if (status == dnnl_success) status = gerund_onednn_memory(&from, &given, engine(), (void *)weights);
    if (status == dnnl_success) status = gerund_onednn_memory(&to, &linear->weights, engine(), linear->weight_data);
    if (status == dnnl_success) {
        dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
        status = run(primitive, 2, arguments);
    }
    if (from) dnnl_memory_destroy(from);
    if (to) dnnl_memory_destroy(to);
    if (primitive) dnnl_primitive_destroy(primitive);
    if (reorder) dnnl_primitive_desc_destroy(reorder);
    gerund_onednn_desc_free(&given);
    return status;
}

gerund_onednn_linear *gerund_onednn_linear_create(
    size_t outputs, size_t inputs, const float *weights, const float *bias, gerund_onednn_precision precision,
    int threads) {
    if (!engine() || outputs == 0 || inputs == 0) return NULL;
    gerund_onednn_linear *linear = calloc(1, sizeof *linear);
    if (!linear) return NULL;
    linear->outputs = outputs;
    linear->inputs = inputs;
    linear->threads = threads;
    linear->type = precision == GERUND_ONEDNN_BF16 ? dnnl_bf16 : dnnl_f32;
    pthread_mutex_init(&linear->lock, NULL);
    use_threads(threads);
    dnnl_status_t status = dnnl_success;
    if (bias) {
        linear->bias_data = malloc(outputs * sizeof *bias);
        status = linear->bias_data ? dnnl_success : dnnl_out_of_memory;
        if (status == dnnl_success) {
            memcpy(linear->bias_data, bias, outputs * sizeof *bias);
            status = gerund_onednn_desc_strided(&linear->bias, 1, (dnnl_dim_t)outputs, (dnnl_dim_t)outputs, dnnl_f32);
        }
    }
    if (status == dnnl_success) status = pack(linear, weights);
    if (status != dnnl_success) {
        gerund_onednn_linear_destroy(linear);
        return NULL;
    }
    return linear;
}

void gerund_onednn_linear_destroy(gerund_onednn_linear *linear) {
    for (size_t i = 0; i < linear->plan_count; i++) drop_plan(&linear->plans[i]);
    gerund_onednn_desc_free(&linear->weights);
    if (linear->bias_data) gerund_onednn_desc_free(&linear->bias);
    free(linear->weight_data);
    free(linear->bias_data);
    pthread_mutex_destroy(&linear->lock);
    free(linear);
}

int gerund_onednn_linear_apply(
    gerund_onednn_linear *linear, const void *x, size_t x_stride, size_t rows, float *out, size_t out_stride,
    gerund_onednn_epilogue epilogue) {
    if (rows == 0) return 0;
    dnnl_memory_t x_memory = NULL, weights = NULL, bias = NULL, out_memory = NULL;
    // The lock is held during the multiplication, since another thread's may drop the plan. The threads can only
    // compute one at a time anyway.
    pthread_mutex_lock(&linear->lock);
    use_threads(linear->threads);
    plan *plan;
    dnnl_status_t status = find_plan(linear, rows, x_stride, out_stride, epilogue, &plan);
    if (status == dnnl_success) status = gerund_onednn_memory(&x_memory, &plan->x, engine(), (void *)x);
    if (status == dnnl_success)
        status = gerund_onednn_memory(&weights, &linear->weights, engine(), linear->weight_data);
    if (status == dnnl_success && linear->bias_data)
        status = gerund_onednn_memory(&bias, &linear->bias, engine(), linear->bias_data);
    if (status == dnnl_success) status = gerund_onednn_memory(&out_memory, &plan->out, engine(), out);
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

const char *gerund_onednn_linear_implementation(gerund_onednn_linear *linear, size_t index) {
    pthread_mutex_lock(&linear->lock);
    const char *name = NULL;
    const_dnnl_primitive_desc_t description;
    if (index < linear->plan_count
        && dnnl_primitive_get_primitive_desc(linear->plans[index].primitive, &description) == dnnl_success)
        dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&name);
    pthread_mutex_unlock(&linear->lock);
    return name;
}

int gerund_onednn_supports(gerund_onednn_precision precision) {
    if (precision == GERUND_ONEDNN_F32) return engine() != NULL;
    // Emulated bfloat16 is slower than float32. Only the name of the implementation shows it.
    enum { SIZE = 64 };
    float weights[SIZE * SIZE] = {0};
    gerund_onednn_linear *linear = gerund_onednn_linear_create(SIZE, SIZE, weights, NULL, precision, 1);
    if (!linear) return 0;
    plan *plan;
    const char *name = NULL;
    if (find_plan(linear, SIZE, SIZE, SIZE, GERUND_ONEDNN_STORE, &plan) == dnnl_success)
        name = gerund_onednn_linear_implementation(linear, 0);
    int supports = name && (strstr(name, "bf16") || strstr(name, "amx"));
    gerund_onednn_linear_destroy(linear);
    return supports;
}

void gerund_onednn_version(int *major, int *minor, int *patch) {
    const dnnl_version_t *version = dnnl_version();
    *major = version->major;
    *minor = version->minor;
    *patch = version->patch;
}

#endif
