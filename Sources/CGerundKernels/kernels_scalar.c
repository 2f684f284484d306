#include "gerund_kernels.h"
