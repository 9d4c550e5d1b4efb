// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan generate`: pictures out of random numbers.
#include "cli.h"

#include "compute.h"
#include "naming.h"
#include "options.h"
#include "pick.h"
#include "place.h"
#include "progress.h"
#include "report.h"

#include <gan/generate.h>
#include <gan/image.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define GAP 2

typedef struct {
    CliCompute compute;
    char **files;
    char *output, *class_name;
    int count, columns;
    gint64 seed, to;
    gboolean quiet, json;
} Options;

static void options_clear(Options *options)
{
    g_strfreev(options->files);
    cli_compute_clear(&options->compute);
    g_free(options->output);
    g_free(options->class_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static gboolean parse(Options *o, int argc, char **argv)
{
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &o->output,
         "Write a grid into this picture file, or single files into this folder; the default is "
         "generated.png",
         "FILE|FOLDER"},
        {"count", 'c', 0, G_OPTION_ARG_INT, &o->count,
         "How many pictures, 1 to 10000; the default is 16", "N"},
        {"seed", 's', 0, G_OPTION_ARG_INT64, &o->seed,
         "Seed of the first picture; the others follow; the default is 1", "N"},
        {"to", 0, 0, G_OPTION_ARG_INT64, &o->to,
         "Go from the picture of --seed to the one of this seed in --count steps", "N"},
        {"class", 0, 0, G_OPTION_ARG_STRING, &o->class_name,
         "Name or number of the class; the default is each in turn", "NAME"},
        {"columns", 0, 0, G_OPTION_ARG_INT, &o->columns,
         "Pictures in a row of the grid; the default makes it about square", "N"},
        cli_compute_models(&o->compute),
        cli_compute_device(&o->compute),
        cli_compute_threads(&o->compute),
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Say errors and warnings only", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print a JSON object", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL},
        {0}};
    return cli_options_parse(
        argc, argv, entries, "NAME|FILE",
        "Makes pictures out of random numbers with a generator such as DCGAN's.",
        "Equal seeds give equal pictures.");
}

static gboolean check(Options *o, GError **error)
{
    if (o->files == NULL || o->files[1] != NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "One model is needed: a weight file, or its name in the catalogue.");
        return FALSE;
    }
    return cli_options_integer("--count", o->count, 1, 10000, error) &&
           cli_options_integer("--seed", o->seed, 0, G_MAXINT64, error) &&
           cli_options_integer("--to", o->to, -1, G_MAXINT64, error) &&
           cli_options_integer("--columns", o->columns, 0, 1000, error) &&
           cli_compute_check(&o->compute, error);
}

// Which class is meant, by name or number; -1 for each in turn.
static gboolean find_class(const char *wanted, char **classes, gint64 *index, GError **error)
{
    const guint n = g_strv_length(classes);
    guint64 number;
    *index = -1;
    if (wanted == NULL)
        return TRUE;
    for (guint i = 0; i < n; i++)
        if (strcmp(classes[i], wanted) == 0) {
            *index = i;
            return TRUE;
        }
    if (n > 0 && g_ascii_string_to_unsigned(wanted, 10, 0, n - 1, &number, NULL)) {
        *index = (gint64)number;
        return TRUE;
    }
    g_autofree char *known = g_strjoinv(", ", classes);
    g_set_error(error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                n > 0 ? "--class is '%s'; the model has %s"
                      : "--class is '%s'; the model has no classes%s",
                wanted, known);
    return FALSE;
}

static GanTensor *make(const Options *o, GanModel *model, GError **error)
{
    g_auto(GanGeneratorInfo) info = {0};
    gint64 class_index;
    if (!gan_generator_info(model, &info, error) ||
        !find_class(o->class_name, info.classes, &class_index, error))
        return NULL;
    const guint n_classes = g_strv_length(info.classes), n = (guint)o->count;
    g_autofree GanGenerated *pictures = g_new0(GanGenerated, n);
    for (guint i = 0; i < n; i++) {
        const gboolean way = o->to >= 0;
        pictures[i] = (GanGenerated){.seed = (guint64)o->seed + (way ? 0 : i),
                                     .to = way ? (guint64)o->to : (guint64)o->seed + i,
                                     .part = way && n > 1 ? (double)i / (n - 1) : 0};
        if (n_classes > 0)
            pictures[i].class_index = class_index >= 0 ? (guint)class_index : i % n_classes;
    }
    g_autoptr(GanDevice) device = cli_compute_open(&o->compute, error);
    return device != NULL ? gan_generate(model, device, pictures, n, error) : NULL;
}

// Picture `i` of the batch into a buffer of its own or a place of a grid.
static void put(const GanTensor *all, guint i, GeglBuffer *buffer, int x, int y)
{
    const int height = (int)all->shape[1], width = (int)all->shape[2];
    const gsize length = all->shape[1] * all->shape[2] * all->shape[3];
    const GeglRectangle place = {x, y, width, height};
    gegl_buffer_set(buffer, &place, 0,
                    babl_format(all->shape[3] == 1 ? "Y' float" : "R'G'B' float"),
                    all->data + i * length, GEGL_AUTO_ROWSTRIDE);
}

static const Babl *format_of(const GanTensor *all)
{
    return babl_format(all->shape[3] == 1 ? "Y' u8" : "R'G'B' u8");
}

static gboolean write_grid(const Options *o, const GanTensor *all, const char *path, GError **error)
{
    const int n = (int)all->shape[0], height = (int)all->shape[1], width = (int)all->shape[2];
    const int columns = MIN(o->columns > 0 ? o->columns : (int)ceil(sqrt(n)), n);
    const int rows = (n + columns - 1) / columns, gap = n > 1 ? GAP : 0;
    const GeglRectangle extent = {0, 0, columns * (width + gap) - gap, rows * (height + gap) - gap};
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, format_of(all));
    for (int i = 0; i < n; i++)
        put(all, (guint)i, buffer, i % columns * (width + gap), i / columns * (height + gap));
    return gan_image_save(buffer, path, NULL, error);
}

// Returns the path of picture `i` of a folder of them.
static char *file_of(const Options *o, const char *folder, const char *name, guint i)
{
    g_autofree char *file =
        o->to >= 0 ? g_strdup_printf("%s-%" G_GINT64_FORMAT "-to-%" G_GINT64_FORMAT "-%04u.png",
                                     name, o->seed, o->to, i + 1)
                   : g_strdup_printf("%s-%" G_GINT64_FORMAT ".png", name, o->seed + i);
    return g_build_filename(folder, file, NULL);
}

static gboolean write_files(const Options *o, const GanTensor *all, const char *folder,
                            const char *name, GError **error)
{
    const GeglRectangle extent = {0, 0, (int)all->shape[2], (int)all->shape[1]};
    g_autofree char *first = file_of(o, folder, name, 0);
    if (!cli_place_make_folder(first, error))
        return FALSE;
    for (guint i = 0; i < all->shape[0]; i++) {
        g_autofree char *path = file_of(o, folder, name, i);
        g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, format_of(all));
        put(all, i, buffer, 0, 0);
        if (!gan_image_save(buffer, path, NULL, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean run(const Options *o, GError **error)
{
    g_auto(CliPick) pick = {0};
    const char *output = o->output != NULL ? o->output : "generated.png";
    const gboolean folder = g_file_test(output, G_FILE_TEST_IS_DIR) ||
                            cli_naming_extension(output)[0] == '\0' ||
                            g_str_has_suffix(output, G_DIR_SEPARATOR_S);
    if (!folder && !gan_image_can_save(output)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: no format of this name; png, jpg, tif, webp and exr can be written",
                    output);
        return FALSE;
    }
    g_autoptr(GanModel) model =
        cli_pick_load(o->files[0], o->compute.models, GAN_TASK_GENERATE, 0, &pick, error);
    if (model == NULL)
        return FALSE;
    // The last name is the longest.
    g_autofree char *last =
        folder ? file_of(o, output, pick.name, (guint)o->count - 1) : g_strdup(output);
    if (!cli_place_check(last, error))
        return FALSE;
    g_autoptr(GanTensor) all = make(o, model, error);
    if (all == NULL)
        return FALSE;
    if (!(folder ? write_files(o, all, output, pick.name, error)
                 : write_grid(o, all, output, error)))
        return FALSE;
    g_autofree char *shown = g_filename_display_name(output);
    g_autofree char *count = cli_report_count(all->shape[0], "picture", "pictures");
    if (o->json) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        json_builder_begin_object(builder);
        cli_report_path(builder, "output", output);
        cli_report_integer(builder, "pictures", all->shape[0]);
        cli_report_integer(builder, "width", all->shape[2]);
        cli_report_integer(builder, "height", all->shape[1]);
        cli_report_integer(builder, "seed", (guint64)o->seed);
        json_builder_end_object(builder);
        cli_report_print(builder, FALSE);
    } else if (!o->quiet) {
        g_print("%s: %s of %u x %u pixels\n", shown, count, (guint)all->shape[2],
                (guint)all->shape[1]);
    }
    return TRUE;
}

CliExit cli_generate(int argc, char **argv)
{
    g_auto(Options) o = {.count = 16, .seed = 1, .to = -1};
    GError *error = NULL;
    if (!parse(&o, argc, argv))
        return CLI_EXIT_USAGE;
    if (!check(&o, &error))
        return cli_options_complain(error);
    gan_image_init((guint)o.compute.threads);
    const gboolean done = run(&o, &error);
    gan_image_exit();
    if (done)
        return CLI_EXIT_OK;
    if (g_error_matches(error, GAN_ERROR, GAN_ERROR_ARGUMENT))
        return cli_options_complain(error);
    return cli_options_fail(error);
}
