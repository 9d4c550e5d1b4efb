// SPDX-License-Identifier: LGPL-3.0-or-later
// The epilogue over sums that lie in memory already, where a library has computed them.
#include "epilogue.h"
#include "isa.h"

// One row of one image.
void V_NAME(gk_cpu_finish)(const void *data, size_t item, size_t worker)
{
    const GkCpuFinish *job = data;
    const GkCpuEpilogue *e = &job->epilogue;
    const size_t n = item / job->out_h, oy = item % job->out_h, n_outputs = job->n_outputs;
    const size_t stride = job->buffer_stride;
    float *buffer = job->scratch + worker * job->scratch_stride;
    const EndKind end = end_kind(e->kind);
    for (size_t x = 0; x < job->out_w; x += GK_CPU_FINISH_PIXELS) {
        const size_t left = job->out_w - x;
        const size_t count = left < GK_CPU_FINISH_PIXELS ? left : GK_CPU_FINISH_PIXELS;
        for (size_t p = 0; p < count; p++) {
            const float *from = job->values + (item * job->out_w + x + p) * n_outputs;
            float *to = buffer + p * stride;
            for (size_t o = 0; o < n_outputs; o += V_LANES) {
                const Vec v =
                    n_outputs - o < V_LANES ? v_load_n(from + o, n_outputs - o) : v_load(from + o);
                const Vec slope = end_slope(e, end, o);
                v_store(to + o, end_activate(v, v_load(e->bias + o), slope, end, e->kind));
            }
        }
        if (e->shuffle > 1)
            end_order_for_shuffle(e, n_outputs, buffer, stride, count,
                                  buffer + GK_CPU_FINISH_PIXELS * stride);
        end_store_buffer(e, buffer, stride, count, n, oy, x);
    }
}
