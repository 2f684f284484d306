// A thread pool for parallel operations of microseconds to milliseconds, and the number of cores for it.
//
// Idle threads spin for some tens of microseconds and then block: the operations of a layer follow each other faster
// than a blocked thread wakes up, and between two frames no thread spins.
#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct gerund_thread_pool gerund_thread_pool;

// The body of an operation, called once per task. `thread` is below the size of the pool, and tasks that run at the
// same time have different ones.
typedef void (*gerund_thread_pool_task)(void *_Nullable context, size_t task, size_t thread);

// `threads` includes the caller of gerund_thread_pool_run. The pool has fewer threads if the system refuses some. NULL
// if memory is exhausted.
gerund_thread_pool *_Nullable gerund_thread_pool_create(size_t threads);

// Waits until the threads have ended. No operation may be running.
void gerund_thread_pool_destroy(gerund_thread_pool *pool);

// The number of threads, the caller of gerund_thread_pool_run included.
size_t gerund_thread_pool_size(const gerund_thread_pool *pool);

enum { GERUND_THREAD_POOL_MAX_TASKS = 65535 };

// Runs `count` tasks, at most GERUND_THREAD_POOL_MAX_TASKS, and returns when the last has finished. Which thread runs a
// task is unspecified. Any thread may call it. While one call uses the threads, concurrent calls run their tasks on the
// calling thread as thread 0: per-thread storage of tasks must therefore belong to the call.
void gerund_thread_pool_run(
    gerund_thread_pool *pool, size_t count, gerund_thread_pool_task body, void *_Nullable context);

// The number of cores in the calling thread's affinity mask, which the threads that it creates inherit.
size_t gerund_affinity_core_count(void);

#pragma clang assume_nonnull end
