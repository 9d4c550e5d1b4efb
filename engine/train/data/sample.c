// SPDX-License-Identifier: LGPL-3.0-or-later
// How one sample of a batch is made: which picture, which part of it, and its bad copy.
//
// MATLAB-exact copies of parts: the part begins at a multiple of the scale and is shrunk with a
// margin as wide as the kernel, so that it equals the same part of the whole picture's copy.
#include "loader.h"

#include <gan/resample.h>
#include <math.h>
#include <string.h>

#define MOST_TRIES 256 // pictures read in vain before a sample is given up
#define N_STREAMS 16   // of random numbers of a sample

typedef struct {
    gboolean mirror, flip, transpose;
    double brightness, contrast, saturation; // factors
} Change;

static GanTensor *to_tensor(const GanPicture *picture, guint x, guint y, guint width, guint height,
                            GError **error)
{
    const gsize channels = picture->channels, shape[] = {1, height, width, channels};
    GanTensor *tensor = gan_tensor_new(4, shape, error);
    for (gsize v = 0; tensor != NULL && v < height; v++) {
        const guint8 *from =
            gan_picture_pixels(picture) + ((y + v) * picture->width + x) * channels;
        float *to = tensor->data + v * width * channels;
        for (gsize i = 0; i < width * channels; i++)
            to[i] = (float)from[i] / 255;
    }
    return tensor;
}

// Brightness, contrast about the mean, saturation about the luma, cut to 0..1.
static void change_colour(GanTensor *tensor, const Change *change)
{
    const gsize channels = tensor->shape[3], n = gan_tensor_length(tensor) / channels;
    double mean = 0;
    for (gsize i = 0; i < n * channels; i++)
        mean += tensor->data[i];
    mean *= change->brightness / (double)(n * channels);
    for (gsize i = 0; i < n; i++) {
        float *p = tensor->data + i * channels;
        double value[3] = {0}, luma = 0;
        static const double weights[] = {0.299, 0.587, 0.114};
        for (gsize c = 0; c < channels; c++) {
            value[c] = mean + (p[c] * change->brightness - mean) * change->contrast;
            luma += channels == 3 ? weights[c] * value[c] : value[c];
        }
        for (gsize c = 0; c < channels; c++)
            p[c] = (float)CLAMP(luma + (value[c] - luma) * change->saturation, 0, 1);
    }
}

// Cuts the square [x, x + side) x [y, y + side), turns it and puts it into its place of the batch.
static void place(const GanLoaderOptions *options, const GanTensor *from, gsize x, gsize y,
                  gsize side, const Change *change, float *to)
{
    const gsize channels = from->shape[3];
    const float range = (float)(options->high - options->low), low = (float)options->low;
    for (gsize v = 0; v < side; v++)
        for (gsize u = 0; u < side; u++) {
            gsize a = change->transpose ? v : u, b = change->transpose ? u : v;
            a = change->mirror ? side - 1 - a : a;
            b = change->flip ? side - 1 - b : b;
            const float *p = from->data + ((y + b) * from->shape[2] + x + a) * channels;
            for (gsize c = 0; c < channels; c++)
                to[(v * side + u) * channels + c] = low + range * p[c];
        }
}

typedef struct {
    guint x, y;                     // of the patch
    guint left, top, right, bottom; // the area that is worked on, around it
} Part;

// How much there is to see in a patch: the sum of what each number differs from the next one and the
// one below, of every second row and column.
static guint64 detail(const GanPicture *picture, guint x, guint y, guint side)
{
    const gsize channels = picture->channels, row = (gsize)picture->width * channels;
    const guint8 *first = gan_picture_pixels(picture) + y * row + x * channels;
    guint64 sum = 0;
    for (gsize v = 0; v + 1 < side; v += 2)
        for (gsize u = 0; u + 1 < side; u += 2) {
            const guint8 *p = first + v * row + u * channels;
            for (gsize c = 0; c < channels; c++)
                sum += (guint)ABS(p[c] - p[channels + c]) + (guint)ABS(p[c] - p[row + c]);
        }
    return sum;
}

// A random patch at a multiple of the scale, and its margin as far as the picture goes.
static gboolean draw_part(const GanLoaderOptions *o, const GanPicture *picture, GanRandom *random,
                          Part *part, GError **error)
{
    const guint columns = picture->width / o->scale, rows = picture->height / o->scale;
    const guint side = o->patch / o->scale;
    if (columns < side || rows < side) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE, "%u x %u pixels; the patch needs %u x %u",
                    picture->width, picture->height, o->patch, o->patch);
        return FALSE;
    }
    guint64 most = 0;
    for (guint i = 0; i < MAX(o->choose, 1); i++) {
        const guint x = gan_random_below(random, columns - side + 1) * o->scale,
                    y = gan_random_below(random, rows - side + 1) * o->scale;
        const guint64 found = o->choose > 1 ? detail(picture, x, y, o->patch) : 0;
        if (i > 0 && found <= most)
            continue;
        part->x = x;
        part->y = y;
        most = found;
    }
    part->left = part->x > o->margin ? part->x - o->margin : 0;
    part->top = part->y > o->margin ? part->y - o->margin : 0;
    part->right = MIN(part->x + o->patch + o->margin, columns * o->scale);
    part->bottom = MIN(part->y + o->patch + o->margin, rows * o->scale);
    return TRUE;
}

// Resizes until the shorter side is the patch's.
static gboolean fit(const GanLoaderOptions *o, GanPicture *picture, GError **error)
{
    const guint shorter = MIN(picture->width, picture->height);
    if (!o->resize || shorter == o->patch)
        return TRUE;
    const guint width = MAX((guint)((guint64)picture->width * o->patch / shorter), o->patch),
                height = MAX((guint)((guint64)picture->height * o->patch / shorter), o->patch);
    GanPicture fitted;
    if (!gan_picture_resize(picture, width, height, &fitted, error))
        return FALSE;
    gan_picture_clear(picture);
    *picture = fitted;
    return TRUE;
}

typedef struct {
    GanDataset *dataset;
    const GanLoaderOptions *options;
    guint64 number; // of the sample in the whole run
    float *to_target, *to_input;
    float *told; // the number of the input, or NULL
} Sample;

// A pair's input has its own picture; its part is the target's, shrunk.
static gboolean make_pair(const Sample *sample, guint64 item, const Part *part,
                          const GanPicture *target, const Change *change, GError **error)
{
    const GanLoaderOptions *o = sample->options;
    g_auto(GanPicture) picture = {0};
    if (!gan_dataset_read(sample->dataset, 0, item, &picture, error))
        return FALSE;
    if (picture.width != target->width / o->scale || picture.height != target->height / o->scale) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_SHAPE,
                    "the input has %u x %u pixels; the target of %u x %u needs %u x %u",
                    picture.width, picture.height, target->width, target->height,
                    target->width / o->scale, target->height / o->scale);
        return FALSE;
    }
    const guint side = o->patch / o->scale;
    g_autoptr(GanTensor) input =
        to_tensor(&picture, part->x / o->scale, part->y / o->scale, side, side, error);
    if (input == NULL)
        return FALSE;
    if (o->colour > 0)
        change_colour(input, change);
    place(o, input, 0, 0, side, change, sample->to_input);
    return TRUE;
}

static gboolean make_copy(const Sample *sample, const Part *part, GanTensor *area,
                          const Change *change, GError **error)
{
    const GanLoaderOptions *o = sample->options;
    GanRandom random;
    GanDegradeDraw draw;
    gan_random_init(&random, o->seed, GAN_RANDOM_DEGRADE, sample->number);
    gan_degrade_draw(&o->degrade, &random, &draw);
    g_autoptr(GanTensor) copy =
        gan_degrade_apply(&o->degrade, &draw, area, o->scale, &random, error);
    if (copy == NULL)
        return FALSE;
    place(o, copy, (part->x - part->left) / o->scale, (part->y - part->top) / o->scale,
          o->patch / o->scale, change, sample->to_input);
    if (sample->told != NULL)
        *sample->told = (float)gan_degrade_level(&o->degrade, &draw);
    return TRUE;
}

static double draw_factor(GanRandom *random, double most)
{
    return 1 + gan_random_between(random, -most, most);
}

static Change draw_change(const GanLoaderOptions *o, GanRandom *random)
{
    const guint64 bits = gan_random_bits(random);
    Change change = {.mirror = o->flip && (bits & 1) != 0,
                     .flip = o->rotate && (bits & 2) != 0,
                     .transpose = o->rotate && (bits & 4) != 0};
    change.brightness = draw_factor(random, o->colour);
    change.contrast = draw_factor(random, o->colour);
    change.saturation = draw_factor(random, o->colour);
    return change;
}

// One picture of side 1 of unpaired data, an input that has nothing to do with the target.
static gboolean make_other(const Sample *sample, guint64 item, GanRandom *random, GError **error)
{
    const GanLoaderOptions *o = sample->options;
    g_auto(GanPicture) picture = {0};
    Part part;
    if (!gan_dataset_read(sample->dataset, 1, item, &picture, error) || !fit(o, &picture, error) ||
        !draw_part(o, &picture, random, &part, error))
        return FALSE;
    const Change change = draw_change(o, random);
    g_autoptr(GanTensor) area = to_tensor(&picture, part.x, part.y, o->patch, o->patch, error);
    if (area == NULL)
        return FALSE;
    if (o->colour > 0)
        change_colour(area, &change);
    place(o, area, 0, 0, o->patch, &change, sample->to_input);
    return TRUE;
}

static gboolean make_sample(const Sample *sample, guint64 item, GanRandom *random, GError **error)
{
    const GanLoaderOptions *o = sample->options;
    const GanDatasetKind kind = gan_dataset_kind(sample->dataset);
    g_auto(GanPicture) picture = {0};
    Part part;
    if (!gan_dataset_read(sample->dataset, kind == GAN_DATASET_PAIRS ? 1 : 0, item, &picture,
                          error) ||
        !fit(o, &picture, error) || !draw_part(o, &picture, random, &part, error))
        return FALSE;
    const Change change = draw_change(o, random);
    g_autoptr(GanTensor) area = to_tensor(&picture, part.left, part.top, part.right - part.left,
                                          part.bottom - part.top, error);
    if (area == NULL)
        return FALSE;
    if (o->colour > 0)
        change_colour(area, &change);
    if (sample->to_input != NULL && kind != GAN_DATASET_UNPAIRED) {
        const gboolean made = kind == GAN_DATASET_PAIRS
                                  ? make_pair(sample, item, &part, &picture, &change, error)
                                  : make_copy(sample, &part, area, &change, error);
        if (!made)
            return FALSE;
    }
    g_autoptr(GanTensor) sharp = NULL;
    if (o->sharpen && (sharp = gan_filter_sharpen(area, error)) == NULL)
        return FALSE;
    place(o, sharp != NULL ? sharp : area, part.x - part.left, part.y - part.top, o->patch, &change,
          sample->to_target);
    return TRUE;
}

// The picture that is tried for a sample, the `try`th. Those behind the sample's own are drawn in an
// order of its own, so that none is seen more often for lying behind a useless one.
static guint64 candidate(const Sample *sample, guint64 n, gboolean other, guint64 try)
{
    const guint64 seed = sample->options->seed + (other ? 1 : 0), number = sample->number;
    return try == 0 ? gan_random_permuted(seed, number / n, n, number % n)
                    : gan_random_permuted(seed + 2, number, n, try - 1);
}

// A picture and why it cannot be used.
static char *text_of(const char *name, const GError *reason)
{
    return strstr(reason->message, name) != NULL ? g_strdup(reason->message)
                                                 : g_strdup_printf("%s: %s", name, reason->message);
}

// Makes one part of a sample of the first of its candidates that can be used.
static gboolean make_one(const Sample *sample, guint side, gboolean other, GPtrArray *notices,
                         guint64 *used, GError **error)
{
    const GanLoaderOptions *o = sample->options;
    GanDataset *dataset = sample->dataset;
    const guint64 n = gan_dataset_n(dataset, side);
    g_autofree char *last = NULL;
    guint n_read = 0;
    for (guint64 try = 0; try <= n && n_read < MOST_TRIES; try++) {
        const guint64 item = candidate(sample, n, other, try);
        if (gan_dataset_is_given_up(dataset, side, item))
            continue;
        GanRandom random;
        gan_random_init(&random, o->seed, other ? GAN_RANDOM_OTHER : GAN_RANDOM_SAMPLE,
                        sample->number * N_STREAMS + try % N_STREAMS);
        g_autoptr(GError) reason = NULL;
        if (other ? make_other(sample, item, &random, &reason)
                  : make_sample(sample, item, &random, &reason)) {
            *used = item;
            return TRUE;
        }
        if (g_error_matches(reason, GAN_ERROR, GAN_ERROR_MEMORY)) {
            g_propagate_prefixed_error(error, g_steal_pointer(&reason),
                                       "sample %" G_GUINT64_FORMAT ": ", sample->number);
            return FALSE;
        }
        gan_dataset_give_up(dataset, side, item);
        g_free(last);
        last = text_of(gan_dataset_name(dataset, side, item), reason);
        g_ptr_array_add(notices, g_strconcat("passed over: ", last, NULL));
        n_read++;
    }
    if (n_read < MOST_TRIES)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "none of the %" G_GUINT64_FORMAT " pictures can be used%s%s", n,
                    last != NULL ? "; last: " : "", last != NULL ? last : "");
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%u pictures in a row cannot be used; last: %s", n_read, last);
    return FALSE;
}

// Makes sample `i` of a batch.
static gboolean make_all(GanDataset *dataset, const GanLoaderOptions *o, guint i,
                         GPtrArray *notices, GanBatch *batch, GError **error)
{
    const GanDatasetKind kind = gan_dataset_kind(dataset);
    const gsize n_target = gan_tensor_length(batch->target) / o->batch;
    const gsize n_input = batch->input != NULL ? gan_tensor_length(batch->input) / o->batch : 0;
    const Sample sample = {dataset,
                           o,
                           batch->step * o->batch + i,
                           batch->target->data + i * n_target,
                           n_input > 0 ? batch->input->data + i * n_input : NULL,
                           batch->numbers != NULL ? &batch->numbers[i] : NULL};
    guint64 item, other;
    if (!make_one(&sample, kind == GAN_DATASET_PAIRS ? 1 : 0, FALSE, notices, &item, error))
        return FALSE;
    if (batch->labels != NULL)
        batch->labels[i] = gan_dataset_label(dataset, item);
    return kind != GAN_DATASET_UNPAIRED || n_input == 0 ||
           make_one(&sample, 1, TRUE, notices, &other, error);
}

// The side of an input: pictures of two collections have one size.
static guint input_side(const GanDataset *dataset, const GanLoaderOptions *options)
{
    return gan_dataset_kind(dataset) == GAN_DATASET_UNPAIRED ? options->patch
                                                             : options->patch / options->scale;
}

guint64 gan_batch_bytes(const GanDataset *dataset, const GanLoaderOptions *options)
{
    const guint64 side = options->patch, small = options->input ? input_side(dataset, options) : 0;
    return (side * side + small * small) * options->batch * gan_dataset_channels(dataset) *
           sizeof(float);
}

gboolean gan_batch_make(GanDataset *dataset, const GanLoaderOptions *options, guint64 step,
                        GPtrArray *notices, GanBatch *batch, GError **error)
{
    const gsize n = options->batch, c = gan_dataset_channels(dataset), side = options->patch;
    const gsize small = input_side(dataset, options);
    const gsize target[] = {n, side, side, c}, input[] = {n, small, small, c};
    g_auto(GanBatch) made = {.step = step};
    made.target = gan_tensor_new(4, target, error);
    if (made.target == NULL)
        return FALSE;
    if (options->input && (made.input = gan_tensor_new(4, input, error)) == NULL)
        return FALSE;
    if (gan_dataset_n_classes(dataset) > 0)
        made.labels = g_new(guint, n);
    if (options->input && gan_degrade_told(&options->degrade) != NULL)
        made.numbers = g_new0(float, n);
    for (guint i = 0; i < options->batch; i++)
        if (!make_all(dataset, options, i, notices, &made, error))
            return FALSE;
    *batch = made;
    made = (GanBatch){0};
    return TRUE;
}

void gan_batch_clear(GanBatch *batch)
{
    g_clear_pointer(&batch->input, gan_tensor_unref);
    g_clear_pointer(&batch->target, gan_tensor_unref);
    g_clear_pointer(&batch->labels, g_free);
    g_clear_pointer(&batch->numbers, g_free);
}
