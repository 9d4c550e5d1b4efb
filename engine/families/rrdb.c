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
//   RDB:   x1 = lrelu(conv1 [x]), ..., x4 = lrelu(conv4 [x, x1, x2, x3]), 0.2 conv5 [x, ..., x4] +
//   x
//          ESRGAN+: x2 += conv1x1(x), x4 += x2
//   RRDB:  0.2 RDB3(RDB2(RDB1(x))) + x
//   Net:   f = first(x); f += trunk(RRDBs(f)); per doubling f = lrelu(up(nearest x2 (f)));
//          last(lrelu(HR(f)))
//
// All leaky slopes are 0.2. BasicSR's x2 and x1 networks are the x4 network over an input that is
// pixel-unshuffled by 2 or 4 (12 or 48 channels for RGB), reflected to a multiple of that first.
#include "family.h"

#define SLOPE 0.2f
#define SCALE 0.2f
#define MAX_UPS 5

// Nothing outside of the reach can change a tile, but the reach of 23 blocks is 349 pixels, and its
// outer part hardly matters: every RDB and RRDB adds only 0.2 of what it computes. So tiles are
// read with a border of 32 pixels of the network's input, at least as much as the peers', and
// blended inside of it. 23 blocks of random weights, twice as large as Kaiming's and so near the
// most that does not explode, are then within 1/255 of white of the exact result
// (tests/families/border.c).
#define BORDER 32

typedef struct {
    const char *first, *block, *suffix;
    const char *up;
    char trunk[32], hr[32], last[32];
    guint n_blocks, n_ups;
    guint up_first, up_step; // numbers in the ups' names
} Style;

static const char old_block[] = "model.1.sub.%u.RDB%u";
static const char esrgan_block[] = "RRDB_trunk.%u.RDB%u";
static const char basicsr_block[] = "body.%u.rdb%u";

static gboolean detect(const GanWeights *weights)
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

static Style style_of(GanNet *net)
{
    const GanWeights *weights = gan_net_weights(net);
    Style s = {.first = "conv_first", .suffix = "", .up_first = 1, .up_step = 1};
    if (gan_family_has(weights, "model.0.weight", 4)) {
        const guint last = gan_family_count(weights, "model.", ".weight") - 1;
        s.first = "model.0";
        s.block = old_block;
        s.suffix = ".0";
        s.up = "model.";
        s.up_first = s.up_step = 3;
        s.n_blocks = gan_family_count(weights, "model.1.sub.", ".RDB1.conv1.0.weight");
        g_snprintf(s.trunk, sizeof s.trunk, "model.1.sub.%u", s.n_blocks);
        g_snprintf(s.hr, sizeof s.hr, "model.%u", last - 2);
        g_snprintf(s.last, sizeof s.last, "model.%u", last);
        s.n_ups = last < 4 ? 0 : (last - 4) / 3;
        if (last < 4 || (last - 4) % 3 != 0 || s.n_ups > MAX_UPS) {
            g_autofree char *weight = g_strconcat(s.last, ".weight", NULL);
            gan_family_fail(net, weight, "the number 4, 7, 10 or 13 in its name, as last of rrdb");
            s.n_ups = 0;
        }
    } else if (gan_family_has(weights, "RRDB_trunk.0.RDB1.conv1.weight", 4)) {
        s.block = esrgan_block;
        s.up = "upconv";
        s.n_blocks = gan_family_count(weights, "RRDB_trunk.", ".RDB1.conv1.weight");
        s.n_ups = count_ups(weights, s.up);
        g_strlcpy(s.trunk, "trunk_conv", sizeof s.trunk);
        g_strlcpy(s.hr, "HRconv", sizeof s.hr);
        g_strlcpy(s.last, "conv_last", sizeof s.last);
    } else {
        s.block = basicsr_block;
        s.up = "conv_up";
        s.n_blocks = gan_family_count(weights, "body.", ".rdb1.conv1.weight");
        s.n_ups = count_ups(weights, s.up);
        g_strlcpy(s.trunk, "conv_body", sizeof s.trunk);
        g_strlcpy(s.hr, "conv_hr", sizeof s.hr);
        g_strlcpy(s.last, "conv_last", sizeof s.last);
    }
    return s;
}

static void push_rdb(GanNet *net, const Style *s, guint i, guint j)
{
    if (s->block == old_block)
        gan_push(net, "model.1.sub.%u.RDB%u", i, j);
    else if (s->block == esrgan_block)
        gan_push(net, "RRDB_trunk.%u.RDB%u", i, j);
    else
        gan_push(net, "body.%u.rdb%u", i, j);
}

// Residual dense block; `plus`: with ESRGAN+'s additions.
static GanNode *rdb(GanNet *net, const Style *s, GanNode *x, guint gc, gboolean plus)
{
    GanNode *all[5] = {x};
    for (guint k = 1; k <= 5; k++) {
        char name[16];
        g_snprintf(name, sizeof name, "conv%u%s", k, s->suffix);
        GanNode *in = k == 1 ? x : gan_concat(all, k);
        GanNode *y = gan_family_conv(net, name, in, k == 5 ? x->channels : gc, 3);
        if (k == 5)
            return gan_scaled_add(SCALE, y, 1, x);
        y = gan_lrelu(y, SLOPE);
        if (plus && k == 2)
            y = gan_add(y, gan_conv2d(net, "conv1x1", x, gc, 1));
        if (plus && k == 4)
            y = gan_add(y, all[2]);
        all[k] = y;
    }
    g_assert_not_reached();
}

static GanNode *rrdb(GanNet *net, const Style *s, guint i, GanNode *x, guint gc, gboolean plus)
{
    GanNode *y = x;
    for (guint j = 1; j <= 3; j++) {
        push_rdb(net, s, i, j);
        y = rdb(net, s, y, gc, plus);
        gan_pop(net);
    }
    return gan_scaled_add(SCALE, y, 1, x);
}

// The factor by which the picture is unshuffled before `first`, 0 if its inputs make no sense.
static guint unshuffle_of(guint in, guint out)
{
    for (guint f = 1; f <= 4; f *= 2)
        if (in == out * f * f)
            return f;
    return 0;
}

static GanNode *build(GanNet *net, const GanModelOptions *options, GanModelInfo *info)
{
    const GanWeights *weights = gan_net_weights(net);
    const Style s = style_of(net);
    g_autofree char *conv1 = g_strdup_printf(s.block == old_block ? "model.1.sub.0.RDB1.conv1.0"
                                             : s.block == esrgan_block ? "RRDB_trunk.0.RDB1.conv1"
                                                                       : "body.0.rdb1.conv1");
    const guint nf = gan_family_outputs(net, s.first), gc = gan_family_outputs(net, conv1);
    const guint in = gan_family_inputs(net, s.first), out = gan_family_outputs(net, s.last);
    const gboolean plus = gan_family_has(weights, "model.1.sub.0.RDB1.conv1x1.weight", 4);
    guint factor = unshuffle_of(in, out);
    if (factor == 0) {
        g_autofree char *weight = g_strconcat(s.first, ".weight", NULL);
        gan_family_fail(net, weight, "%u, %u or %u inputs, 1, 4 or 16 for each output of '%s'", out,
                        4 * out, 16 * out, s.last);
        factor = 1;
    }
    // Old x3 files have the names of x2 files; the one upsampling is by 3.
    const guint up = options->scale == 3 && s.block == old_block && s.n_ups == 1 ? 3 : 2;

    GanNode *x = gan_input(net, factor == 1 ? in : out);
    GanNode *y = x;
    if (factor > 1)
        y = gan_pixel_unshuffle(gan_pad_to_multiple(y, factor, GK_PAD_REFLECT), factor);
    GanNode *f = gan_family_conv(net, s.first, y, nf, 3);
    y = f;
    for (guint i = 0; i < s.n_blocks; i++)
        y = rrdb(net, &s, i, y, gc, plus);
    f = gan_add(gan_family_conv(net, s.trunk, y, nf, 3), f);
    guint enlarged = 1;
    for (guint i = 0; i < s.n_ups; i++) {
        char name[32];
        g_snprintf(name, sizeof name, "%s%u", s.up, s.up_first + i * s.up_step);
        f = gan_lrelu(gan_family_conv(net, name, gan_upsample_nearest(f, up), nf, 3), SLOPE);
        enlarged *= up;
    }
    f = gan_lrelu(gan_family_conv(net, s.hr, f, nf, 3), SLOPE);
    f = gan_family_conv(net, s.last, f, out, 3);

    info->title =
        g_strdup_printf("RRDBNet %u/%u/%u%s", nf, gc, s.n_blocks, plus ? ", ESRGAN+" : "");
    info->overlap = BORDER * factor;
    if (enlarged % factor != 0) {
        g_autofree char *weight = g_strconcat(s.first, ".weight", NULL);
        gan_family_fail(net, weight, "%u inputs: the network enlarges by %u only", out, enlarged);
        return x;
    }
    return factor > 1 ? gan_crop_like(f, x, enlarged / factor) : f;
}

const GanFamily gan_family_rrdb = {
    .name = "rrdb",
    .title = "RRDBNet (ESRGAN)",
    .task = GAN_TASK_UPSCALE,
    .detect = detect,
    .build = build,
};
