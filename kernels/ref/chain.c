// SPDX-License-Identifier: LGPL-3.0-or-later
// Reference: chains of elementwise functions and sums.
#include "functions.h"

static int is_valid(const GkChain *args)
{
    if (args->n_inputs > GK_MAX_CHAIN_INPUTS || args->n_links > GK_MAX_LINKS)
        return 0;
    for (size_t i = 0; i < args->n_inputs; i++)
        if (!real_is_dtype_of(&args->input[i]))
            return 0;
    for (size_t i = 0; i < args->n_links; i++)
        if (args->link[i].y.data && !real_is_dtype_of(&args->link[i].y))
            return 0;
    return 1;
}

// Computes all links at one place; `sums` are those of its channel.
static void compute(const GkChain *args, size_t n, size_t y, size_t x, size_t c, double *sums)
{
    double values[GK_MAX_CHAIN_INPUTS + GK_MAX_LINKS];
    for (size_t i = 0; i < args->n_inputs; i++)
        values[i] = real_get_broadcast(&args->input[i], n, y, x, c);
    for (size_t i = 0; i < args->n_links; i++) {
        const GkLink *link = &args->link[i];
        double *value = &values[args->n_inputs + i];
        switch (link->kind) {
        case GK_LINK_UNARY:
            *value =
                real_unary((GkUnaryKind)link->function, link->alpha, link->beta, values[link->a]);
            break;
        case GK_LINK_BINARY:
            *value = real_binary((GkBinaryKind)link->function, link->alpha, link->beta,
                                 values[link->a], values[link->b]);
            break;
        case GK_LINK_SUM:
            *value = 0;
            sums[i] += values[link->a];
            continue;
        }
        if (link->y.data)
            real_set(&link->y, n, y, x, c, *value);
    }
}

GkStatus GK_REF(chain)(GkContext *ctx, const GkChain *args)
{
    const GkView *s = &args->shape;
    if (!is_valid(args))
        return GK_ERROR_UNSUPPORTED;
    for (size_t c = 0; c < s->c; c++) {
        double sums[GK_MAX_LINKS] = {0};
        for (size_t n = 0; n < s->n; n++)
            for (size_t y = 0; y < s->h; y++)
                for (size_t x = 0; x < s->w; x++)
                    compute(args, n, y, x, c, sums);
        for (size_t i = 0; i < args->n_links; i++)
            if (args->link[i].kind == GK_LINK_SUM)
                real_set(&args->link[i].y, 0, 0, 0, c, args->link[i].alpha * sums[i]);
    }
    return GK_OK;
}
