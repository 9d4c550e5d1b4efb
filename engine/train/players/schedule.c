// SPDX-License-Identifier: LGPL-3.0-or-later
// How the learning rate changes over a training.
#include "schedule.h"

#include <math.h>
#include <string.h>

gboolean gan_schedule_kind_parse(const char *name, GanScheduleKind *kind)
{
    static const char *const names[] = {"constant", "step", "cosine", "linear"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0) {
            *kind = (GanScheduleKind)i;
            return TRUE;
        }
    return FALSE;
}

double gan_schedule_rate(const GanSchedule *s, guint64 steps)
{
    double rate = s->rate;
    switch (s->kind) {
    case GAN_SCHEDULE_CONSTANT:
        break;
    case GAN_SCHEDULE_STEP:
        for (guint i = 0; i < s->n_milestones && s->milestones[i] <= steps; i++)
            rate *= s->gamma;
        break;
    case GAN_SCHEDULE_COSINE: {
        const double phase = s->period == 0 ? 0 : (double)(steps % s->period) / (double)s->period;
        rate = s->lowest + (s->rate - s->lowest) * (1 + cos(G_PI * phase)) / 2;
        break;
    }
    case GAN_SCHEDULE_LINEAR:
        if (steps >= s->end)
            rate = s->lowest;
        else if (steps > s->start)
            rate +=
                (s->lowest - s->rate) * (double)(steps - s->start) / (double)(s->end - s->start);
        break;
    }
    return steps < s->warm_up ? rate * (double)(steps + 1) / (double)s->warm_up : rate;
}
