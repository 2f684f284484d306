#define _GNU_SOURCE // sched_getaffinity, CPU_COUNT_S
#include "gerund_threads.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

size_t gerund_affinity_core_count(void) {
    // The kernel refuses a mask smaller than its own with EINVAL, so the mask grows until it is large enough.
    for (int cores = 1024; cores <= 1 << 16; cores *= 2) {
        cpu_set_t *mask = CPU_ALLOC(cores);
        if (!mask) { break; }
        const size_t size = CPU_ALLOC_SIZE(cores);
        const int status = sched_getaffinity(0, size, mask), error = errno;
        const int count = status == 0 ? CPU_COUNT_S(size, mask) : 0;
        CPU_FREE(mask);
        if (count > 0) { return (size_t)count; }
        if (status == 0 || error != EINVAL) { break; }
    }
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}
