// Row kernels. Placeholder until the first kernels land.
#pragma once
