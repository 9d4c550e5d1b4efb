// SPDX-License-Identifier: LGPL-3.0-or-later
// Training data made ready: tiles in one pack, doubles and blurred parts left out.
//
// Equal pictures have equal SHA-256 sums of their pixels. Near ones are found by the difference
// hash (Krawetz 2013: is a pixel of a tiny grey copy brighter than its neighbour?), here of 16 x 16
// bits, and by the tiny copies themselves, because all smooth gradients have one hash. Blur is told
// by the variance of the Laplacian (Pech-Pacheco et al. 2000).
#include "luma.h"
#include "pack.h"

#include <gan/prepare.h>
#include <gio/gio.h>
#include <string.h>

#define HASH_SIDE 16u
#define TINY_WIDTH (HASH_SIDE + 1)
#define TINY_PIXELS (TINY_WIDTH * HASH_SIDE)
#define TINY_DIFFERENCE 10u // mean difference of the tiny copies of near pictures, in levels of 256

typedef struct {
    guint64 bits[HASH_SIDE * HASH_SIDE / 64];
    guint8 tiny[TINY_PIXELS];
} Look;

typedef struct {
    const GanPrepareOptions *options;
    GanDatasetKind kind;
    GanPackWriter *writer;
    GHashTable *pictures, *tiles; // sums seen
    GArray *looks;                // of Look
    GanPrepareNotice notice;
    gpointer data;
    GanPrepareReport *report;
} Job;

static void G_GNUC_PRINTF(2, 3) notify(const Job *job, const char *format, ...)
{
    if (job->notice == NULL)
        return;
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    job->notice(text, job->data);
}

// --- looking at pictures ---

static double luma(const GanPicture *picture, gsize i)
{
    const guint8 *p = gan_picture_pixels(picture) + i * picture->channels;
    return picture->channels == 1 ? p[0] : gan_luma((const float[]){p[0], p[1], p[2]});
}

// Mean luma of each cell of a 17 x 16 grid.
static void make_look(const GanPicture *picture, Look *look)
{
    const guint width = picture->width, height = picture->height;
    memset(look, 0, sizeof *look);
    for (guint v = 0; v < HASH_SIDE; v++)
        for (guint u = 0; u < TINY_WIDTH; u++) {
            const guint x0 = (guint)((guint64)u * width / TINY_WIDTH),
                        y0 = (guint)((guint64)v * height / HASH_SIDE);
            const guint x1 = MAX((guint)((guint64)(u + 1) * width / TINY_WIDTH), x0 + 1),
                        y1 = MAX((guint)((guint64)(v + 1) * height / HASH_SIDE), y0 + 1);
            double sum = 0;
            for (guint y = y0; y < y1; y++)
                for (guint x = x0; x < x1; x++)
                    sum += luma(picture, (gsize)y * width + x);
            look->tiny[v * TINY_WIDTH + u] = (guint8)(sum / ((double)(x1 - x0) * (y1 - y0)));
        }
    for (guint v = 0; v < HASH_SIDE; v++)
        for (guint u = 0; u < HASH_SIDE; u++) {
            const guint8 *t = look->tiny + v * TINY_WIDTH + u;
            const guint bit = v * HASH_SIDE + u;
            if (t[0] > t[1])
                look->bits[bit / 64] |= G_GUINT64_CONSTANT(1) << bit % 64;
        }
}

static gboolean are_near(const Look *a, const Look *b, guint most_bits)
{
    guint n_bits = 0, difference = 0;
    for (guint i = 0; i < G_N_ELEMENTS(a->bits); i++)
        n_bits += (guint)__builtin_popcountll(a->bits[i] ^ b->bits[i]);
    if (n_bits > most_bits)
        return FALSE;
    for (guint i = 0; i < TINY_PIXELS; i++)
        difference += (guint)ABS((int)a->tiny[i] - (int)b->tiny[i]);
    return difference <= TINY_DIFFERENCE * TINY_PIXELS;
}

static double sharpness(const GanPicture *picture)
{
    const gsize width = picture->width;
    double sum = 0, squares = 0, n = 0;
    for (gsize y = 1; y + 1 < picture->height; y++)
        for (gsize x = 1; x + 1 < width; x++) {
            const gsize i = y * width + x;
            const double l = luma(picture, i - 1) + luma(picture, i + 1) +
                             luma(picture, i - width) + luma(picture, i + width) -
                             4 * luma(picture, i);
            sum += l;
            squares += l * l;
            n++;
        }
    return n > 0 ? squares / n - sum / n * (sum / n) : 0;
}

// Returns TRUE and remembers it when the picture's sum is new.
static gboolean is_new(GHashTable *seen, const GanPicture *picture)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const guint32 size[] = {picture->width, picture->height, picture->channels};
    g_checksum_update(sum, (const guchar *)size, sizeof size);
    g_checksum_update(sum, gan_picture_pixels(picture), (gssize)g_bytes_get_size(picture->bytes));
    return g_hash_table_add(seen, g_strdup(g_checksum_get_string(sum)));
}

static gboolean is_double(Job *job, const GanPicture *picture, const char *name)
{
    if (!is_new(job->pictures, picture)) {
        job->report->n_duplicates++;
        notify(job, "%s: left out, it equals a former picture", name);
        return TRUE;
    }
    if (job->options->near_bits == 0)
        return FALSE;
    Look look;
    make_look(picture, &look);
    for (guint i = 0; i < job->looks->len; i++)
        if (are_near(&look, &g_array_index(job->looks, Look, i), job->options->near_bits)) {
            job->report->n_near++;
            notify(job, "%s: left out, it looks like a former picture", name);
            return TRUE;
        }
    g_array_append_val(job->looks, look);
    return FALSE;
}

// --- tiles ---

// Shrinks to the wanted shorter side; larger pictures only.
static gboolean shrink(const Job *job, GanPicture *picture, GError **error)
{
    const guint wanted = job->options->resize, shorter = MIN(picture->width, picture->height);
    if (wanted == 0 || shorter <= wanted)
        return TRUE;
    GanPicture small;
    const guint width = (guint)((guint64)picture->width * wanted / shorter),
                height = (guint)((guint64)picture->height * wanted / shorter);
    if (!gan_picture_resize(picture, width, height, &small, error))
        return FALSE;
    gan_picture_clear(picture);
    *picture = small;
    return TRUE;
}

// Tiles along a side: as few as cover it, evenly spread, the outer ones at its ends. `unit`: tiles
// begin at multiples.
static guint n_along(guint side, guint tile)
{
    return tile == 0 || side <= tile ? 1 : (side + tile - 1) / tile;
}

static guint begin_of(guint side, guint tile, guint k, guint unit)
{
    const guint n = n_along(side, tile);
    return n < 2 ? 0 : (guint)((guint64)(side - tile) * k / (n - 1)) / unit * unit;
}

static gboolean add(Job *job, guint side, const GanPicture *picture, const char *name, guint label,
                    GError **error)
{
    return gan_pack_writer_add(job->writer, side, picture, name, label, error);
}

// Counts a tile by its shorter side, which is what a patch has to fit into.
static void count_side(GanPrepareReport *report, guint side, guint tile)
{
    if (side < tile)
        report->n_narrow++;
    report->shortest = report->shortest == 0 ? side : MIN(report->shortest, side);
}

// Writes the tiles of a picture and, with pairs, those of its smaller partner beside them.
static gboolean add_tiles(Job *job, guint side, const GanPicture *picture,
                          const GanPicture *partner, const char *name, guint label, GError **error)
{
    const guint scale = MAX(job->options->scale, 1), unit = partner != NULL ? scale : 1;
    const guint tile = job->options->tile;
    const guint columns = n_along(picture->width, tile), rows = n_along(picture->height, tile);
    for (guint v = 0; v < rows; v++)
        for (guint u = 0; u < columns; u++) {
            const guint x = begin_of(picture->width, tile, u, unit),
                        y = begin_of(picture->height, tile, v, unit);
            const guint width = columns > 1 ? tile : picture->width,
                        height = rows > 1 ? tile : picture->height;
            g_auto(GanPicture) cut = {0};
            g_auto(GanPicture) cut_partner = {0};
            if (!gan_picture_cut(picture, x, y, width, height, &cut, error))
                return FALSE;
            if (job->options->sharpness > 0 && sharpness(&cut) < job->options->sharpness) {
                job->report->n_blurred++;
                continue;
            }
            if (!is_new(job->tiles, &cut)) {
                job->report->n_equal++;
                continue;
            }
            g_autofree char *tile_name =
                columns * rows > 1 ? g_strdup_printf("%s (%u, %u)", name, x, y) : g_strdup(name);
            if (partner != NULL) {
                if (!gan_picture_cut(partner, x / scale, y / scale, width / scale, height / scale,
                                     &cut_partner, error) ||
                    !add(job, 0, &cut_partner, tile_name, 0, error) ||
                    !add(job, 1, &cut, tile_name, 0, error))
                    return FALSE;
            } else if (!add(job, side, &cut, tile_name, label, error)) {
                return FALSE;
            }
            count_side(job->report, MIN(width, height), tile);
        }
    return TRUE;
}

// --- pictures ---

// Cuts the target of a pair to a multiple of the scale and checks the input's size.
static gboolean fit_pair(Job *job, const GanPicture *input, GanPicture *target, const char *name,
                         gboolean *fits, GError **error)
{
    const guint scale = MAX(job->options->scale, 1);
    const guint width = target->width / scale, height = target->height / scale;
    *fits = input->width == width && input->height == height;
    if (!*fits) {
        const guint other = input->width > 0 ? target->width / input->width : 0;
        job->report->n_unmatched++;
        g_autofree char *hint =
            other > 1 && other != scale && target->height / other == input->height
                ? g_strdup_printf("; they are of the scale %u", other)
                : g_strdup("");
        notify(job,
               "%s: left out, the input has %u x %u pixels and a target of %u x %u needs %u x %u "
               "at the scale %u%s",
               name, input->width, input->height, target->width, target->height, width, height,
               scale, hint);
        return TRUE;
    }
    GanPicture cut;
    if (!gan_picture_cut(target, 0, 0, width * scale, height * scale, &cut, error))
        return FALSE;
    gan_picture_clear(target);
    *target = cut;
    return TRUE;
}

static gboolean is_small(Job *job, const GanPicture *picture, const char *name)
{
    if (MIN(picture->width, picture->height) >= job->options->least)
        return FALSE;
    job->report->n_small++;
    notify(job, "%s: left out, %u x %u pixels; the shorter side needs at least %u", name,
           picture->width, picture->height, job->options->least);
    return TRUE;
}

// One picture of a data set. FALSE: the pack cannot be written on.
static gboolean add_picture(Job *job, GanDataset *dataset, guint side, guint64 item, GError **error)
{
    const char *name = gan_dataset_name(dataset, side, item);
    g_auto(GanPicture) picture = {0};
    g_auto(GanPicture) input = {0};
    g_autoptr(GError) reason = NULL;
    job->report->n_pictures++;
    if (!gan_dataset_read(dataset, side, item, &picture, &reason) ||
        (job->kind == GAN_DATASET_PAIRS && !gan_dataset_read(dataset, 0, item, &input, &reason))) {
        job->report->n_damaged++;
        notify(job, "left out: %s", reason->message);
        return TRUE;
    }
    gboolean fits = TRUE;
    if (job->kind == GAN_DATASET_PAIRS && !fit_pair(job, &input, &picture, name, &fits, error))
        return FALSE;
    if (!fits)
        return TRUE;
    if (is_small(job, &picture, name))
        return TRUE;
    if (is_double(job, &picture, name))
        return TRUE;
    if (!shrink(job, &picture, error))
        return FALSE;
    if (is_small(job, &picture, name))
        return TRUE;
    return add_tiles(job, side, &picture, input.bytes != NULL ? &input : NULL, name,
                     gan_dataset_label(dataset, item), error);
}

static gboolean check(const GanPrepareOptions *options, GanDatasetKind *kind, GError **error)
{
    static const char *const names[] = {"pictures", "pairs", "unpaired", "classes"};
    const char *wanted = options->kind != NULL ? options->kind : names[0];
    guint found = G_N_ELEMENTS(names);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], wanted) == 0)
            found = i;
    const char *problem = NULL;
    if (found == G_N_ELEMENTS(names)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "the kind is '%s'; it is one of pictures, pairs, unpaired, classes", wanted);
        return FALSE;
    }
    *kind = (GanDatasetKind)found;
    if (options->folders == NULL || options->folders[0] == NULL)
        problem = "no folder is given";
    else if (options->folders[1] != NULL && *kind != GAN_DATASET_PICTURES)
        problem = "several folders can be given for the kind 'pictures' only";
    else if (*kind == GAN_DATASET_PAIRS && options->resize > 0)
        problem = "pairs cannot be resized";
    else if (*kind == GAN_DATASET_PAIRS && options->tile % MAX(options->scale, 1) != 0)
        problem = "the side of the tiles of pairs has to be a multiple of the scale";
    else if (options->channels > 3 || options->channels == 2)
        problem = "there are 1 or 3 channels";
    if (problem != NULL)
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT, "%s", problem);
    return problem == NULL;
}

// A former pack may be replaced; a photograph that was named by mistake may not.
static gboolean check_place(const char *path, GError **error)
{
    if (!g_file_test(path, G_FILE_TEST_EXISTS) || gan_pack_is(path))
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE,
                g_file_test(path, G_FILE_TEST_IS_DIR)
                    ? "%s: this is a folder; the output is a file, such as data.ganpack"
                    : "%s: this file is there and no pack of 'gimp-gan prepare'; it is left alone",
                path);
    return FALSE;
}

static gboolean add_all(Job *job, GPtrArray *datasets, GanPrepareProgress progress, GError **error)
{
    // With pairs the target leads; its partner is read beside it.
    const guint first_side = job->kind == GAN_DATASET_PAIRS ? 1 : 0;
    guint64 n = 0, done = 0;
    for (guint d = 0; d < datasets->len; d++)
        for (guint side = first_side; side < 2; side++)
            n += gan_dataset_n(datasets->pdata[d], side);
    for (guint d = 0; d < datasets->len; d++)
        for (guint side = first_side; side < 2; side++)
            for (guint64 i = 0; i < gan_dataset_n(datasets->pdata[d], side); i++) {
                if (progress != NULL && !progress((double)done++ / (double)n, job->data)) {
                    g_set_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
                    return FALSE;
                }
                if (!add_picture(job, datasets->pdata[d], side, i, error))
                    return FALSE;
            }
    return TRUE;
}

static gboolean finish(Job *job, const GanDataset *first, GError **error)
{
    GanPrepareReport *report = job->report;
    g_autoptr(GPtrArray) classes = g_ptr_array_new();
    g_autofree char *hash = NULL;
    for (guint i = 0; i < gan_dataset_n_classes(first); i++)
        g_ptr_array_add(classes, (gpointer)gan_dataset_class_name(first, i));
    report->n_tiles = gan_pack_writer_n(job->writer, 0) +
                      (job->kind == GAN_DATASET_UNPAIRED ? gan_pack_writer_n(job->writer, 1) : 0);
    const gboolean empty =
        gan_pack_writer_n(job->writer, 0) == 0 ||
        (job->kind == GAN_DATASET_UNPAIRED && gan_pack_writer_n(job->writer, 1) == 0);
    if (empty) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "nothing is left to write: of %" G_GUINT64_FORMAT " pictures %" G_GUINT64_FORMAT
                    " could not be read, %" G_GUINT64_FORMAT " were too small, %" G_GUINT64_FORMAT
                    " had a partner of another size, %" G_GUINT64_FORMAT
                    " doubles, and %" G_GUINT64_FORMAT " tiles too blurred",
                    report->n_pictures, report->n_damaged, report->n_small, report->n_unmatched,
                    report->n_duplicates + report->n_near, report->n_blurred);
        return FALSE;
    }
    if (!gan_pack_writer_finish(job->writer, (const char *const *)classes->pdata, classes->len,
                                &hash, error))
        return FALSE;
    report->bytes = gan_pack_writer_bytes(job->writer);
    g_strlcpy(report->hash, hash, sizeof report->hash);
    return TRUE;
}

gboolean gan_prepare(const char *path, const GanPrepareOptions *options,
                     GanPrepareProgress progress, GanPrepareNotice notice, gpointer data,
                     GanPrepareReport *report, GError **error)
{
    GanPrepareReport unused;
    Job job = {.options = options,
               .notice = notice,
               .data = data,
               .report = report != NULL ? report : &unused};
    memset(job.report, 0, sizeof *job.report);
    if (!check(options, &job.kind, error) || !check_place(path, error))
        return FALSE;
    const GanDatasetOptions wanted = {job.kind, options->channels != 0 ? options->channels : 3,
                                      MAX(options->scale, 1), 0};
    g_autoptr(GPtrArray) datasets =
        g_ptr_array_new_with_free_func((GDestroyNotify)gan_dataset_free);
    for (guint i = 0; options->folders[i] != NULL; i++) {
        GanDataset *dataset = gan_dataset_open(options->folders[i], &wanted, error);
        if (dataset == NULL)
            return FALSE;
        g_ptr_array_add(datasets, dataset);
        const GPtrArray *notices = gan_dataset_notices(dataset);
        for (guint k = 0; k < notices->len; k++)
            notify(&job, "%s", (const char *)notices->pdata[k]);
    }
    g_autoptr(GanPackWriter) writer = gan_pack_writer_new(path, job.kind, error);
    if (writer == NULL)
        return FALSE;
    g_autoptr(GHashTable) pictures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) tiles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GArray) looks = g_array_new(FALSE, FALSE, sizeof(Look));
    job.writer = writer;
    job.pictures = pictures;
    job.tiles = tiles;
    job.looks = looks;
    return add_all(&job, datasets, progress, error) && finish(&job, datasets->pdata[0], error);
}
