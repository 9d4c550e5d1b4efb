// SPDX-License-Identifier: LGPL-3.0-or-later
// RRDBNet, the generator of ESRGAN and Real-ESRGAN.
//
// Wang et al., "ESRGAN: Enhanced Super-Resolution Generative Adversarial Networks",
// arXiv:1809.00219; pixel-unshuffled inputs: Real-ESRGAN, arXiv:2107.10833 (BasicSR,
// basicsr/archs/rrdbnet_arch.py); "conv1x1": Rakotonirina, Rasoanaivo, "ESRGAN+", arXiv:2001.08073.
//
//              old ESRGAN                       ESRGAN of 2019            BasicSR
//   first      model.0                          conv_first                conv_first
//   RDB conv   model.1.sub.I.RDBJ.convK.0       RRDB_trunk.I.RDBJ.convK   body.I.rdbJ.convK
//   trunk      model.1.sub.NB                   trunk_conv                conv_body
//   upsampling model.3, model.6, ...            upconv1, upconv2          conv_up1, conv_up2
//   HR, last   model.(L - 2), model.L           HRconv, conv_last         conv_hr, conv_last
//
//   RDB:   x1 = lrelu(conv1 [x]), ..., x4 = lrelu(conv4 [x, x1, x2, x3]),
//          x + 0.2 conv5 [x, ..., x4]
//          ESRGAN+: x2 += conv1x1(x), x4 += x2
//   RRDB:  x + 0.2 RDB3(RDB2(RDB1(x)))
//   Net:   f = first(x); f += trunk(RRDBs(f)); per doubling f = lrelu(up(nearest x2 (f)));
//          last(lrelu(HR(f)))
//
// All leaky slopes are 0.2. BasicSR's x2 and x1 networks are the x4 network over an input that is
// pixel-unshuffled by 2 or 4 (12 or 48 channels for RGB), reflected to a multiple of that first.
#include "family.h"

#define SLOPE 0.2f
#define SCALE 0.2f
#define MAX_UPS 5

// Residual networks without norms begin with small numbers, as BasicSR does it.
#define SMALL "kaiming_normal(scale=0.1)"

// Nothing outside of the reach can change a tile, but the reach of 23 blocks is 349 pixels, and its
// outer part hardly matters: every RDB and RRDB adds only 0.2 of what it computes. So tiles are
// read with a border of 32 pixels of the network's input, at least as much as the peers', and
// blended inside of it. 23 blocks of random weights, twice as large as Kaiming's and so near the
// most that does not explode, are then within 1/255 of white of the exact result
// (tests/families/border.c).
#define BORDER 32

// Names, in the order of GanSizes.naming. The old ones count modules: the tail follows the blocks.
enum { BASICSR, ESRGAN_2019, OLD };
static const struct {
    const char *first, *trunk, *up, *hr, *last, *conv_suffix;
} names[] = {
    {"conv_first", "conv_body", "conv_up", "conv_hr", "conv_last", ""},
    {"conv_first", "trunk_conv", "upconv", "HRconv", "conv_last", ""},
    {"model.0", NULL, "model.", NULL, NULL, ".0"},
};

enum { PLUS = 1 }; // ESRGAN+

static gboolean recognise(const GanWeights *weights)
{
    if (gan_family_has(weights, "model.0.weight", 4))
        return gan_family_has(weights, "model.1.sub.0.RDB1.conv1.0.weight", 4);
    return gan_family_has(weights, "conv_first.weight", 4) &&
           (gan_family_has(weights, "RRDB_trunk.0.RDB1.conv1.weight", 4) ||
            gan_family_has(weights, "body.0.rdb1.conv1.weight", 4));
}

static guint count_ups(const GanWeights *weights, const char *format)
{
    guint n = 0;
    char name[32];
    do
        g_snprintf(name, sizeof name, "%s%u.weight", format, ++n);
    while (n <= MAX_UPS && gan_family_has(weights, name, 0));
    return n - 1;
}

static void push_rdb(GanNet *net, guint naming, guint i, guint j)
{
    if (naming == OLD)
        gan_push(net, "model.1.sub.%u.RDB%u", i, j);
    else if (naming == ESRGAN_2019)
        gan_push(net, "RRDB_trunk.%u.RDB%u", i, j);
    else
        gan_push(net, "body.%u.rdb%u", i, j);
}

// Residual dense block.
static GanNode *rdb(GanNet *net, const GanSizes *sizes, GanNode *x)
{
    const guint gc = sizes->growth;
    const gboolean plus = (sizes->form & PLUS) != 0;
    GanNode *all[5] = {x};
    for (guint k = 1; k <= 5; k++) {
        char name[16];
        g_snprintf(name, sizeof name, "conv%u%s", k, names[sizes->naming].conv_suffix);
        GanNode *in = k == 1 ? x : gan_concat(all, k);
        GanNode *y = gan_conv2d(net, name, in, k == 5 ? x->channels : gc, 3);
        if (k == 5)
            return gan_scaled_add(SCALE, y, 1, x);
        y = gan_lrelu(y, SLOPE);
        if (plus && k == 2)
            y = gan_add(y, gan_conv2d_with(net, "conv1x1", x, gc, 1, (GanConv){.no_bias = TRUE}));
        if (plus && k == 4)
            y = gan_add(y, all[2]);
        all[k] = y;
    }
    g_assert_not_reached();
}

static GanNode *rrdb(GanNet *net, const GanSizes *sizes, guint i, GanNode *x)
{
    GanNode *y = x;
    for (guint j = 1; j <= 3; j++) {
        push_rdb(net, sizes->naming, i, j);
        y = rdb(net, sizes, y);
        gan_pop(net);
    }
    return gan_scaled_add(SCALE, y, 1, x);
}

// The factor by which the picture is unshuffled before `first`, 0 if its inputs make no sense. Of
// networks that make colours of grey there are only those that unshuffle nothing.
static guint unshuffle_of(guint in, guint out)
{
    if (in == 1 && out == 3)
        return 1;
    for (guint f = 1; f <= 4; f *= 2)
        if (in == out * f * f)
            return f;
    return 0;
}

// Reads what the names tell.
static void count(GanNet *net, GanSizes *sizes)
{
    const GanWeights *weights = gan_net_weights(net);
    if (gan_family_has(weights, "model.0.weight", 4)) {
        const guint last = gan_family_count(weights, "model.", ".weight") - 1;
        sizes->naming = OLD;
        sizes->blocks = gan_family_count(weights, "model.1.sub.", ".RDB1.conv1.0.weight");
        sizes->n_ups = last < 4 ? 0 : (last - 4) / 3;
        if (last < 4 || (last - 4) % 3 != 0 || sizes->n_ups > MAX_UPS) {
            g_autofree char *weight = g_strdup_printf("model.%u.weight", last);
            gan_family_fail(net, weight, "the number 4, 7, 10 or 13 in its name, as last of rrdb");
            sizes->n_ups = 0;
        }
        return;
    }
    const gboolean basicsr = !gan_family_has(weights, "RRDB_trunk.0.RDB1.conv1.weight", 4);
    sizes->naming = basicsr ? BASICSR : ESRGAN_2019;
    sizes->blocks = gan_family_count(weights, basicsr ? "body." : "RRDB_trunk.",
                                     basicsr ? ".rdb1.conv1.weight" : ".RDB1.conv1.weight");
    sizes->n_ups = count_ups(weights, names[sizes->naming].up);
}

static void sizes_of_file(GanNet *net, const GanModelOptions *options, GanSizes *sizes)
{
    static const char *const inner[] = {"body.0.rdb1.conv1", "RRDB_trunk.0.RDB1.conv1",
                                        "model.1.sub.0.RDB1.conv1.0"};
    count(net, sizes);
    const char *first = names[sizes->naming].first;
    g_autofree char *last = sizes->naming == OLD ? g_strdup_printf("model.%u", 3 * sizes->n_ups + 4)
                                                 : g_strdup("conv_last");
    g_autofree char *weight = g_strconcat(first, ".weight", NULL);
    const guint in = gan_family_inputs(net, first), out = gan_family_outputs(net, last);
    sizes->features = gan_family_outputs(net, first);
    sizes->growth = gan_family_outputs(net, inner[sizes->naming]);
    if (gan_family_has(gan_net_weights(net), "model.1.sub.0.RDB1.conv1x1.weight", 4))
        sizes->form = PLUS;
    sizes->unshuffle = unshuffle_of(in, out);
    if (sizes->unshuffle == 0) {
        gan_family_fail(net, weight, "%u, %u or %u inputs, 1, 4 or 16 for each output of '%s'", out,
                        4 * out, 16 * out, last);
        sizes->unshuffle = 1;
    }
    sizes->channels_out = out;
    sizes->channels_in = in / (sizes->unshuffle * sizes->unshuffle);
    // Old x3 files have the names of x2 files; the one upsampling is by 3.
    const gboolean by_3 = options->scale == 3 && sizes->naming == OLD && sizes->n_ups == 1;
    const guint enlarged = by_3 ? 3 : 1u << sizes->n_ups;
    if (enlarged % sizes->unshuffle != 0)
        gan_family_fail(net, weight, "%u inputs: the network enlarges by %u only", out, enlarged);
    sizes->scale = enlarged / sizes->unshuffle;
}

// It enlarges by 4; for less the picture is first folded into channels.
static gboolean sizes_of_new(GanSizes *sizes, GError **error)
{
    sizes->n_ups = 2;
    sizes->unshuffle = 4 / sizes->scale;
    return TRUE;
}

static void describe(const GanSizes *sizes, GanModelInfo *info)
{
    info->title = g_strdup_printf("RRDBNet %u/%u/%u%s", sizes->features, sizes->growth,
                                  sizes->blocks, sizes->form & PLUS ? ", ESRGAN+" : "");
    info->overlap = BORDER * sizes->unshuffle;
}

// A convolution of the tail, `number` modules behind the last upsampling in the old names.
static GanNode *tail(GanNet *net, const GanSizes *sizes, const char *name, guint number, GanNode *x,
                     guint channels)
{
    g_autofree char *old = g_strdup_printf("model.%u", 3 * sizes->n_ups + number);
    return gan_conv2d(net, sizes->naming == OLD ? old : name, x, channels, 3);
}

static GanNode *build(GanNet *net, const GanSizes *sizes)
{
    const guint nf = sizes->features, naming = sizes->naming, factor = sizes->unshuffle;
    const gboolean old = naming == OLD;
    GanNode *x = gan_input(net, 0), *y = x;
    if (factor > 1)
        y = gan_pixel_unshuffle(gan_pad_to_multiple(y, factor, GK_PAD_REFLECT), factor);
    GanNode *f = gan_conv2d(net, names[naming].first, y, nf, 3);
    y = f;
    gan_initialise_by(net, SMALL, NULL);
    for (guint i = 0; i < sizes->blocks; i++)
        y = rrdb(net, sizes, i, y);
    gan_initialise_by(net, NULL, NULL);
    g_autofree char *old_trunk = g_strdup_printf("model.1.sub.%u", sizes->blocks);
    f = gan_add(gan_conv2d(net, old ? old_trunk : names[naming].trunk, y, nf, 3), f);
    const guint up = sizes->n_ups == 1 && sizes->scale * factor == 3 ? 3 : 2;
    for (guint i = 1; i <= sizes->n_ups; i++) {
        g_autofree char *name = g_strdup_printf("%s%u", names[naming].up, old ? 3 * i : i);
        f = gan_lrelu(gan_conv2d(net, name, gan_upsample_nearest(f, up), nf, 3), SLOPE);
    }
    f = gan_lrelu(tail(net, sizes, names[naming].hr, 2, f, nf), SLOPE);
    f = tail(net, sizes, names[naming].last, 4, f, sizes->channels_out);
    return factor > 1 ? gan_crop_like(f, x, sizes->scale) : f;
}

const GanFamily gan_family_rrdb = {
    .name = "rrdb",
    .title = "ESRGAN",
    .task = GAN_TASK_UPSCALE,
    .scales = {1, 2, 4},
    .recognise = recognise,
    .sizes_of_file = sizes_of_file,
    .sizes_of_new = sizes_of_new,
    .describe = describe,
    .build = build,
};
