// SPDX-License-Identifier: LGPL-3.0-or-later
// Which taps a group of outputs has. Of a transposed convolution, whose pixels lie side by side as
// channels until they are shuffled, each pixel has some of them only.
#ifndef GK_CPU_WINDOW_H
#define GK_CPU_WINDOW_H

#include "cpu.h"

// `h` x `w` taps from (y, x) on.
typedef struct {
    size_t y, x, h, w;
} GkCpuWindow;

// Returns the first of the taps along an axis that pixels `low` to `high` of a block have, and how
// many they are. Pixel p has a tap d where p + pad - shuffle * (d - kernel / 2) is in
// 0..transposed_kernel-1.
static inline size_t gk_cpu_window_along(const GkCpuDirect *job, size_t kernel, size_t low,
                                         size_t high, size_t *count)
{
    const size_t farthest = job->transposed_pad + job->shuffle * (kernel / 2);
    const size_t most = job->transposed_kernel - 1;
    const size_t first =
        low + farthest > most ? (low + farthest - most + job->shuffle - 1) / job->shuffle : 0;
    const size_t past = (high + farthest) / job->shuffle + 1;
    *count = (past < kernel ? past : kernel) - first;
    return first;
}

// Returns the window that outputs [first, first + width) in the packed order have together.
static inline GkCpuWindow gk_cpu_window(const GkCpuDirect *job, size_t first, size_t width)
{
    GkCpuWindow window = {.h = job->kernel_h, .w = job->kernel_w};
    if (!job->transposed_kernel)
        return window;
    const size_t end = job->oc - 1, last = first + width - 1;
    const size_t low = (first < end ? first : end) / job->channels,
                 high = (last < end ? last : end) / job->channels, r = job->shuffle;
    const bool one_row = low / r == high / r;
    window.y = gk_cpu_window_along(job, job->kernel_h, low / r, high / r, &window.h);
    window.x = gk_cpu_window_along(job, job->kernel_w, one_row ? low % r : 0,
                                   one_row ? high % r : r - 1, &window.w);
    return window;
}

// Returns how many packed weights the outputs before `oc` have, in groups of `group`.
static inline size_t gk_cpu_window_weights(const GkCpuDirect *job, size_t oc, size_t group)
{
    if (!job->transposed_kernel)
        return oc * job->kernel_h * job->kernel_w * job->ic;
    size_t n = 0;
    for (size_t first = 0; first < oc; first += group) {
        const size_t width = oc - first < group ? oc - first : group;
        const GkCpuWindow window = gk_cpu_window(job, first, width);
        n += width * window.h * window.w * job->ic;
    }
    return n;
}

#endif
