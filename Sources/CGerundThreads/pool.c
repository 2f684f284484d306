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

// How often a thread looks for work before it sleeps: about 30 microseconds.
enum { LOOKS = 1500, NAME_BYTES = 16 };

// The parts of one piece of work are claimed by counting in a ticket: which work it is (32 bits), how many parts it has
// and how many of them are claimed (16 bits each). A part is only claimed of the work that the ticket stands for, and
// that work's description stays as it is until all of its claimed parts are done.
typedef uint64_t ticket;

static ticket make_ticket(uint32_t number, size_t parts) { return (ticket)number << 32 | (ticket)parts << 16; }
static size_t parts_of(ticket t) { return t >> 16 & 0xffff; }
static size_t claimed_of(ticket t) { return t & 0xffff; }

typedef struct worker {
    gt_pool *pool;
    size_t index;
    pthread_t thread;
} worker;

struct gt_pool {
    _Alignas(64) _Atomic ticket current;
    _Alignas(64) atomic_size_t done;
    // Changes with every piece of work; what sleepers wait for.
    _Alignas(64) atomic_uint alarm;
    atomic_uint sleepers;
    atomic_int ends;
    // Of the current work.
    gt_body body;
    void *context;

    pthread_mutex_t lock; // of whoever runs something
    uint32_t number;      // of the last work
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

static void futex_wake_all(atomic_uint *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0); }

// Does one part, if one is left.
static int work(gt_pool *pool, size_t thread) {
    ticket t = atomic_load_explicit(&pool->current, memory_order_acquire);
    do {
        if (claimed_of(t) >= parts_of(t)) { return 0; }
    } while (!atomic_compare_exchange_weak_explicit(
        &pool->current, &t, t + 1, memory_order_acq_rel, memory_order_acquire));
    pool->body(pool->context, claimed_of(t), thread);
    atomic_fetch_add_explicit(&pool->done, 1, memory_order_release);
    return 1;
}

static void *worker_main(void *argument) {
    const worker *self = argument;
    gt_pool *pool = self->pool;
    for (;;) {
        int found = 0;
        for (int look = 0; look < LOOKS && !found; look++) {
            found = work(pool, self->index);
            if (!found) { pause_briefly(); }
        }
        if (found) { continue; }
        if (atomic_load(&pool->ends)) { return NULL; }
        // Announced before the last look: whoever brings work then either sees a sleeper or is seen.
        const unsigned alarm = atomic_load(&pool->alarm);
        atomic_fetch_add(&pool->sleepers, 1);
        const ticket t = atomic_load(&pool->current);
        if (claimed_of(t) >= parts_of(t) && !atomic_load(&pool->ends)) { futex_wait(&pool->alarm, alarm); }
        atomic_fetch_sub(&pool->sleepers, 1);
    }
}

static void raise_alarm(gt_pool *pool) {
    atomic_fetch_add(&pool->alarm, 1);
    if (atomic_load(&pool->sleepers) > 0) { futex_wake_all(&pool->alarm); }
}

gt_pool *gt_pool_create(size_t threads) {
    const size_t workers = threads > 1 ? threads - 1 : 0;
    const size_t size = sizeof(gt_pool) + workers * sizeof(worker);
    gt_pool *pool = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!pool) { return NULL; }
    *pool = (gt_pool){.number = 0};
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

void gt_pool_destroy(gt_pool *pool) {
    atomic_store(&pool->ends, 1);
    raise_alarm(pool);
    for (size_t i = 0; i < pool->workers; i++) { pthread_join(pool->worker[i].thread, NULL); }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

size_t gt_pool_threads(const gt_pool *pool) { return pool->workers + 1; }

void gt_pool_run(gt_pool *pool, size_t parts, gt_body body, void *context) {
    if (parts <= 1 || pool->workers == 0 || pthread_mutex_trylock(&pool->lock) != 0) {
        for (size_t part = 0; part < parts; part++) { body(context, part, 0); }
        return;
    }
    pool->body = body;
    pool->context = context;
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    atomic_store(&pool->current, make_ticket(++pool->number, parts));
    raise_alarm(pool);
    while (work(pool, 0)) {}
    // The last parts are being done; they take as long as a part, so there is no time to sleep.
    for (int look = 0; atomic_load_explicit(&pool->done, memory_order_acquire) < parts; look++) {
        if (look < LOOKS) {
            pause_briefly();
        } else {
            sched_yield();
        }
    }
    pthread_mutex_unlock(&pool->lock);
}
