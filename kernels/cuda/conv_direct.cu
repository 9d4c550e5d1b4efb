// SPDX-License-Identifier: LGPL-3.0-or-later
// Convolution as the plain sum of products, for every shape and type: what the fast ways leave.
// Also the packing of weights for cuDNN, and the epilogue of sums that lie in memory.
#include "border.cuh"
#include "epilogue.cuh"

static unsigned padded_outputs(const GkConv2d *args)
{
    return (unsigned)((args->out_channels + LANES - 1) / LANES * LANES);
}

size_t gk_cuda_direct_bytes(const GkConv2d *args)
{
    return args->kernel_h * args->kernel_w * (args->x.c / args->groups) * padded_outputs(args) *
           sizeof(float);
}

// [kernel_h][kernel_w][C/groups][O], outputs padded with zeros.
struct PackDirect {
    const float *weight;
    float *packed;
    unsigned n_taps, n_inputs, n_outputs, n_padded;

    __device__ void operator()(unsigned i) const
    {
        const unsigned o = i % n_padded, c = i / n_padded % n_inputs, tap = i / n_padded / n_inputs;
        packed[i] = o < n_outputs ? weight[((size_t)o * n_inputs + c) * n_taps + tap] : 0.0f;
    }
};

GkStatus gk_cuda_direct_pack(GkContext *ctx, const GkConv2d *args, void *packed)
{
    const PackDirect f = {(const float *)args->weight,
                          (float *)packed,
                          (unsigned)(args->kernel_h * args->kernel_w),
                          (unsigned)(args->x.c / args->groups),
                          (unsigned)args->out_channels,
                          padded_outputs(args)};
    return launch_each(ctx, "packing of weights", f, gk_cuda_direct_bytes(args) / sizeof(float));
}

// T: of x.
template <class T, bool grouped> struct Direct {
    GkView x;
    GkCudaEpilogue e;
    Places places;
    const float *packed;
    unsigned kernel_h, kernel_w, stride, dilation, upsample;
    int pad_top, pad_left;
    GkPadMode pad_mode;
    unsigned n_inputs, group_outputs, n_padded;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES] = {0};
        for (unsigned ky = 0; ky < kernel_h; ky++) {
            const int iy = border((int)(p.y * stride + ky * dilation) - pad_top,
                                  (int)(x.h * upsample), pad_mode);
            if (iy < 0)
                continue;
            for (unsigned kx = 0; kx < kernel_w; kx++) {
                const int ix = border((int)(p.x * stride + kx * dilation) - pad_left,
                                      (int)(x.w * upsample), pad_mode);
                if (ix < 0)
                    continue;
                const T *from =
                    element<T>(x, p.n, (unsigned)iy / upsample, (unsigned)ix / upsample, 0);
                const float *w = packed + (size_t)(ky * kernel_w + kx) * n_inputs * n_padded + p.c;
                // A sum of its own for each tap: thousands of products in a row lose digits.
                float tap[LANES] = {0};
                for (unsigned c = 0; c < n_inputs; c++, w += n_padded) {
                    const float value = grouped ? 0.0f : to_float(from[c]);
#pragma unroll
                    for (unsigned k = 0; k < LANES; k++)
                        tap[k] += w[k] * (grouped ? group_value(from, p, c, k) : value);
                }
#pragma unroll
                for (unsigned k = 0; k < LANES; k++)
                    v[k] += tap[k];
            }
        }
        finish(e, p.n, p.y, p.x, p.c, v);
    }

    __device__ float group_value(const T *from, const Place &p, unsigned c, unsigned k) const
    {
        return k < p.count ? to_float(from[(p.c + k) / group_outputs * n_inputs + c]) : 0.0f;
    }
};

template <class T, bool grouped>
static GkStatus run_direct_of(GkContext *ctx, const GkConv2d *args, const float *packed)
{
    GkView sums = args->y;
    sums.h = gk_cuda_sums_h(args);
    sums.w = gk_cuda_sums_w(args);
    sums.c = args->out_channels;
    const Direct<T, grouped> f = {args->x,
                                  gk_cuda_epilogue(ctx, args),
                                  Places(sums),
                                  packed,
                                  (unsigned)args->kernel_h,
                                  (unsigned)args->kernel_w,
                                  (unsigned)args->stride,
                                  (unsigned)args->dilation,
                                  (unsigned)args->upsample,
                                  (int)args->pad_top,
                                  (int)args->pad_left,
                                  args->pad_mode,
                                  (unsigned)(args->x.c / args->groups),
                                  (unsigned)(args->out_channels / args->groups),
                                  padded_outputs(args)};
    return launch_each(ctx, "convolution", f, n_places(sums));
}

template <class T>
static GkStatus run_direct(GkContext *ctx, const GkConv2d *args, const float *packed)
{
    return args->groups == 1 ? run_direct_of<T, false>(ctx, args, packed)
                             : run_direct_of<T, true>(ctx, args, packed);
}

GkStatus gk_cuda_direct_run(GkContext *ctx, const GkConv2d *args, const void *packed)
{
    return GK_CUDA_BY_DTYPE(args->x.dtype, run_direct, ctx, args, (const float *)packed);
}

template <class T> struct PackKrsc {
    const float *weight;
    T *packed;
    unsigned n_taps, n_inputs, in_c;

    __device__ void operator()(unsigned i) const
    {
        const unsigned c = i % in_c, tap = i / in_c % n_taps, o = i / in_c / n_taps;
        packed[i] =
            from_float<T>(c < n_inputs ? weight[((size_t)o * n_inputs + c) * n_taps + tap] : 0.0f);
    }
};

template <class T>
static GkStatus pack_krsc(GkContext *ctx, const GkConv2d *args, size_t in_c, void *packed)
{
    const unsigned n_taps = (unsigned)(args->kernel_h * args->kernel_w);
    const PackKrsc<T> f = {(const float *)args->weight, (T *)packed, n_taps,
                           (unsigned)(args->x.c / args->groups), (unsigned)in_c};
    return launch_each(ctx, "packing of weights", f, args->out_channels * n_taps * in_c);
}

GkStatus gk_cuda_krsc_pack(GkContext *ctx, const GkConv2d *args, size_t in_c, void *packed)
{
    return GK_CUDA_BY_DTYPE(gk_cuda_products_dtype(&args->x, &args->y), pack_krsc, ctx, args, in_c,
                            packed);
}

struct Finish {
    GkCudaEpilogue e;
    Places places;
    GkView sums;

    __device__ void operator()(unsigned i) const
    {
        const Place p = places.at(i);
        float v[LANES];
        load(sums, p, v);
        finish(e, p.n, p.y, p.x, p.c, v);
    }
};

GkStatus gk_cuda_epilogue_run(GkContext *ctx, const GkCudaEpilogue *e, const GkView *sums)
{
    const Finish f = {*e, Places(*sums), *sums};
    return launch_each(ctx, "end of a convolution", f, n_places(*sums));
}
