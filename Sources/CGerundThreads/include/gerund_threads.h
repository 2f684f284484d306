// A few threads that share out the parts of one piece of work at a time, for work of microseconds to milliseconds.
//
// Threads that have nothing to do look for work for some tens of microseconds and then sleep: the parts of a layer
// follow each other faster than a sleeper wakes, and between two frames nobody spins.
#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct gt_pool gt_pool;

// What is done with part `part`; `thread` is below the number of threads, and no two parts that run at the same time
// have the same.
typedef void (*gt_body)(void *_Nullable context, size_t part, size_t thread);

// `threads` includes the caller of gt_pool_run. NULL when memory is short; with fewer threads when the system refuses
// some.
gt_pool *_Nullable gt_pool_create(size_t threads);

// Waits until the threads have ended. Nothing may be running.
void gt_pool_destroy(gt_pool *pool);

size_t gt_pool_threads(const gt_pool *pool);

enum { GT_PART_LIMIT = 65535 };

// Does all parts, at most GT_PART_LIMIT, and returns when the last is done. Which thread does which part is left open.
// Any thread may call it; while another call is at work, the caller does its parts alone, as thread 0 of its own: what
// parts keep for a thread must belong to the call.
void gt_pool_run(gt_pool *pool, size_t parts, gt_body body, void *_Nullable context);

#pragma clang assume_nonnull end
