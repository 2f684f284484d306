#define _GNU_SOURCE // syscall
#include "gerund_threads.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// Spin iterations before a thread blocks on the futex: about 30 microseconds.
enum { SPIN_ITERATIONS = 1500, NAME_BYTES = 16 };

// Tasks are claimed by incrementing a ticket, which consists of the number of the operation (32 bits), the number of
// its tasks and the number of claimed ones (16 bits each). A task is claimed only from the operation that the ticket
// names, and that operation's body and context stay unchanged until all of its claimed tasks have finished.
typedef uint64_t ticket;

static ticket make_ticket(uint32_t number, size_t tasks) { return (ticket)number << 32 | (ticket)tasks << 16; }
static size_t tasks_of(ticket t) { return t >> 16 & 0xffff; }
static size_t claimed_of(ticket t) { return t & 0xffff; }

typedef struct worker {
    gerund_thread_pool *pool;
    size_t index;
    pthread_t thread;
} worker;

struct gerund_thread_pool {
    _Alignas(64) _Atomic ticket current;
    _Alignas(64) atomic_size_t done;
    // The futex word: changes with every operation.
    _Alignas(64) atomic_uint generation;
    atomic_uint sleepers;
    atomic_int is_shutting_down;
    // The current operation.
    gerund_thread_pool_task body;
    void *context;

    pthread_mutex_t lock; // held by the thread whose operation uses the workers
    uint32_t number;      // of the last operation
    size_t workers;
    worker worker[];
};

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void futex_wait(atomic_uint *word, unsigned value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake_all(atomic_uint *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

// Claims and runs one task. Returns 0 if none is left.
static int run_task(gerund_thread_pool *pool, size_t thread) {
    ticket t = atomic_load_explicit(&pool->current, memory_order_acquire);
    do {
        if (claimed_of(t) >= tasks_of(t)) { return 0; }
    } while (!atomic_compare_exchange_weak_explicit(
        &pool->current, &t, t + 1, memory_order_acq_rel, memory_order_acquire));
    pool->body(pool->context, claimed_of(t), thread);
    atomic_fetch_add_explicit(&pool->done, 1, memory_order_release);
    return 1;
}

static void *worker_main(void *argument) {
    const worker *self = argument;
    gerund_thread_pool *pool = self->pool;
    for (;;) {
        int found = 0;
        for (int spin = 0; spin < SPIN_ITERATIONS && !found; spin++) {
            found = run_task(pool, self->index);
            if (!found) { pause_briefly(); }
        }
        if (found) { continue; }
        if (atomic_load(&pool->is_shutting_down)) { return NULL; }
        // The sleeper is counted before the last check, so that either a new operation sees the sleeper and wakes it,
        // or the check sees the new operation.
        const unsigned generation = atomic_load(&pool->generation);
        atomic_fetch_add(&pool->sleepers, 1);
        const ticket t = atomic_load(&pool->current);
        if (claimed_of(t) >= tasks_of(t) && !atomic_load(&pool->is_shutting_down)) {
            futex_wait(&pool->generation, generation);
        }
        atomic_fetch_sub(&pool->sleepers, 1);
    }
}

static void wake_workers(gerund_thread_pool *pool) {
    atomic_fetch_add(&pool->generation, 1);
    if (atomic_load(&pool->sleepers) > 0) { futex_wake_all(&pool->generation); }
}

gerund_thread_pool *gerund_thread_pool_create(size_t threads) {
    const size_t workers = threads > 1 ? threads - 1 : 0;
    const size_t size = sizeof(gerund_thread_pool) + workers * sizeof(worker);
    gerund_thread_pool *pool = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!pool) { return NULL; }
    *pool = (gerund_thread_pool){.number = 0};
    pthread_mutex_init(&pool->lock, NULL);
    for (size_t i = 0; i < workers; i++) {
        worker *w = &pool->worker[i];
        *w = (worker){.pool = pool, .index = i + 1};
        if (pthread_create(&w->thread, NULL, worker_main, w) != 0) { break; }
        char name[NAME_BYTES];
        snprintf(name, sizeof name, "compute %zu", i + 1);
        pthread_setname_np(w->thread, name);
        pool->workers++;
    }
    return pool;
}

void gerund_thread_pool_destroy(gerund_thread_pool *pool) {
    atomic_store(&pool->is_shutting_down, 1);
    wake_workers(pool);
    for (size_t i = 0; i < pool->workers; i++) { pthread_join(pool->worker[i].thread, NULL); }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

size_t gerund_thread_pool_size(const gerund_thread_pool *pool) { return pool->workers + 1; }

void gerund_thread_pool_run(gerund_thread_pool *pool, size_t count, gerund_thread_pool_task body, void *context) {
    if (count <= 1 || pool->workers == 0 || pthread_mutex_trylock(&pool->lock) != 0) {
        for (size_t task = 0; task < count; task++) { body(context, task, 0); }
        return;
    }
    pool->body = body;
    pool->context = context;
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    atomic_store(&pool->current, make_ticket(++pool->number, count));
    wake_workers(pool);
    while (run_task(pool, 0)) {}
    // Only claimed tasks are left, which are over before a blocked thread would wake up.
    for (int spin = 0; atomic_load_explicit(&pool->done, memory_order_acquire) < count; spin++) {
        if (spin < SPIN_ITERATIONS) {
            pause_briefly();
        } else {
            sched_yield();
        }
    }
    pthread_mutex_unlock(&pool->lock);
}
