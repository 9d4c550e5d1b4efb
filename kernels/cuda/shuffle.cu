// SPDX-License-Identifier: LGPL-3.0-or-later
// Pixel shuffle (Shi et al. 2016, arXiv:1609.05158) and its inverse; threads own LANES channels of
// what they write.
#include "launch.cuh"

template <bool inverse> struct Shuffle {
    GkView x, y;
    Places places;
    unsigned r;
    int *overflow;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        for (unsigned k = 0; k < p.count; k++) {
            const unsigned c = p.c + k;
            v[k] = load_one(
                x, inverse ? place_of(x, p.n, p.y * r + c / r % r, p.x * r + c % r, c / (r * r))
                           : place_of(x, p.n, p.y / r, p.x / r, (c * r + p.y % r) * r + p.x % r));
        }
        store(y, p, v, overflow);
    }
};

static bool is_shuffle(const GkView &small, const GkView &large, size_t r)
{
    return gk_cuda_is_view(&small) && gk_cuda_is_view(&large) && small.n == large.n &&
           small.c == large.c * r * r && small.h * r == large.h && small.w * r == large.w;
}

GkStatus gk_cuda_pixel_shuffle(GkContext *ctx, const GkShuffle *args)
{
    if (!is_shuffle(args->x, args->y, args->factor))
        return GK_ERROR_UNSUPPORTED;
    const Shuffle<false> f = {args->x, args->y, Places(args->y), (unsigned)args->factor,
                              ctx->overflow};
    return launch_each(ctx, "pixel shuffle", f, n_places(args->y));
}

GkStatus gk_cuda_pixel_unshuffle(GkContext *ctx, const GkShuffle *args)
{
    if (!is_shuffle(args->y, args->x, args->factor))
        return GK_ERROR_UNSUPPORTED;
    const Shuffle<true> f = {args->x, args->y, Places(args->y), (unsigned)args->factor,
                             ctx->overflow};
    return launch_each(ctx, "pixel unshuffle", f, n_places(args->y));
}
