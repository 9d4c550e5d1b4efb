// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan doctor`: says in plain words what works here, what does not, and why, by trying it.
#include "cli.h"

#include "compute.h"
#include "machine.h"
#include "options.h"
#include "report.h"

#include <gan/catalogue.h>
#include <gan/image.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

typedef enum {
    WORKS,
    MISSING, // an option of this machine that is not there; all else works
    FAILS,   // something that the program needs
} Verdict;

typedef struct {
    Verdict verdict;
    char *topic; // "processor", "formats", …
    char *text;
    gboolean is_no_model; // there is none at all
} Finding;

static void finding_free(gpointer data)
{
    Finding *finding = data;
    g_free(finding->topic);
    g_free(finding->text);
    g_free(finding);
}

G_GNUC_PRINTF(4, 5)
static void note(GPtrArray *findings, Verdict verdict, const char *topic, const char *format, ...)
{
    Finding *finding = g_new0(Finding, 1);
    finding->verdict = verdict;
    finding->topic = g_strdup(topic);
    va_list arguments;
    va_start(arguments, format);
    finding->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(findings, finding);
}

static void look_at_machine(GPtrArray *findings)
{
    g_autofree char *sets = cli_machine_instruction_sets();
    if (sets != NULL)
        note(findings, WORKS, "processor", "The processor's instruction sets that count here: %s.",
             sets);
    else
        note(findings, MISSING, "processor",
             "The processor has neither AVX-512 nor AVX2; everything works, but slowly.");
    const double quota = cli_machine_cpu_quota();
    const guint n_cores = g_get_num_processors();
    if (quota > 0 && quota < n_cores)
        note(findings, WORKS, "processor",
             "%u cores may be used, but their time is limited to %.1f by the system.", n_cores,
             quota);
    else
        note(findings, WORKS, "processor", "%u %s may be used.", n_cores,
             n_cores == 1 ? "core" : "cores");
    guint64 total_bytes = 0, free_bytes = 0, limit_bytes = 0;
    if (!cli_machine_memory(&total_bytes, &free_bytes, &limit_bytes)) {
        note(findings, MISSING, "memory",
             "The system does not say how much memory there is; use --memory.");
        return;
    }
    g_autofree char *total = cli_report_bytes(total_bytes);
    g_autofree char *free = cli_report_bytes(free_bytes);
    note(findings, WORKS, "memory", "%s of memory, %s of it free.", total, free);
    if (limit_bytes > 0 && limit_bytes < total_bytes) {
        g_autofree char *limit = cli_report_bytes(limit_bytes);
        note(findings, WORKS, "memory", "The system limits this program to %s of memory.", limit);
    }
}

static void look_at_devices(GPtrArray *findings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanDevice) cpu = gan_device_open("cpu", 0, &error);
    if (cpu != NULL)
        note(findings, WORKS, "device", "Networks run on: %s.", gan_device_description(cpu));
    else
        note(findings, FAILS, "device", "Networks cannot run on the processor: %s", error->message);
    g_clear_error(&error);
    g_autoptr(GanDevice) cuda = gan_device_open("cuda", 0, &error);
    if (cuda != NULL)
        note(findings, WORKS, "device", "Networks run on: %s.", gan_device_description(cuda));
    else
        note(findings, MISSING, "device", "No graphics processor is used: %s", error->message);
}

// Fills a tensor with small reproducible noise.
static GanTensor *noise(guint rank, const gsize *shape, GRand *random)
{
    GanTensor *tensor = gan_tensor_new(rank, shape, NULL);
    for (gsize i = 0; tensor != NULL && i < gan_tensor_length(tensor); i++)
        tensor->data[i] = (float)g_rand_double_range(random, -0.2, 0.2);
    return tensor;
}

// Writes a little SRVGGNetCompact of 16 channels, x2, and runs it here and by the reference.
static gboolean try_network(const char *folder, double *difference, GError **error)
{
    static const char *const names[] = {"body.0.weight", "body.0.bias", "body.1.weight",
                                        "body.2.weight", "body.2.bias", "body.3.weight",
                                        "body.4.weight", "body.4.bias"};
    static const gsize shapes[][4] = {{16, 3, 3, 3}, {16}, {16},           {16, 16, 3, 3},
                                      {16},          {16}, {12, 16, 3, 3}, {12}};
    static const guint ranks[] = {4, 1, 1, 4, 1, 1, 4, 1};
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_autoptr(GPtrArray) tensors = g_ptr_array_new_with_free_func((GDestroyNotify)gan_tensor_unref);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(tensors, noise(ranks[i], shapes[i], random));
    g_autofree char *path = g_build_filename(folder, "network.safetensors", NULL);
    if (!gan_weights_save(path, names, (GanTensor *const *)tensors->pdata, tensors->len,
                          GAN_DTYPE_F32, NULL, error))
        return FALSE;
    g_autoptr(GanModel) model = gan_model_load(path, NULL, error);
    g_unlink(path);
    g_autoptr(GanDevice) cpu = model != NULL ? gan_device_open("cpu", 0, error) : NULL;
    g_autoptr(GanDevice) reference = cpu != NULL ? gan_device_open("reference", 1, error) : NULL;
    if (reference == NULL)
        return FALSE;
    const gsize shape[] = {1, 37, 45, 3};
    g_autoptr(GanTensor) in = noise(4, shape, random);
    g_autoptr(GanTensor) a = gan_model_run(model, cpu, in, error);
    g_autoptr(GanTensor) b = a != NULL ? gan_model_run(model, reference, in, error) : NULL;
    if (b == NULL)
        return FALSE;
    *difference = 0;
    for (gsize i = 0; i < gan_tensor_length(a); i++) {
        const double d = fabs((double)a->data[i] - (double)b->data[i]);
        // A value that is not a number must count as the largest difference.
        if (!(d <= *difference))
            *difference = d;
    }
    return TRUE;
}

static void look_at_network(GPtrArray *findings, const char *folder)
{
    g_autoptr(GError) error = NULL;
    double difference = 0;
    if (!try_network(folder, &difference, &error))
        note(findings, FAILS, "network", "A little network does not run: %s", error->message);
    else if (!(difference < 2e-4))
        note(findings, FAILS, "network",
             "A little network gives wrong results: %g off the reference.", difference);
    else
        note(findings, WORKS, "network",
             "A little network gives the right result (%.1g off the reference).", difference);
}

// Writes and reads a small picture in the format; returns what is wrong, or NULL.
static char *try_format(const char *folder, const char *extension)
{
    g_autofree char *name = g_strconcat("picture.", extension, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    const GeglRectangle extent = {0, 0, 16, 8};
    g_autoptr(GeglBuffer) buffer = gegl_buffer_new(&extent, babl_format("R'G'B' u8"));
    const guint8 colour[] = {128, 100, 75};
    gegl_buffer_set_color_from_pixel(buffer, &extent, colour, babl_format("R'G'B' u8"));
    const GanImageSaveOptions options = {0};
    if (!gan_image_save(buffer, path, &options, &error)) {
        g_unlink(path);
        return g_strdup_printf("writing failed: %s", error->message);
    }
    g_autoptr(GeglBuffer) again = gan_image_load(path, NULL, &error);
    g_unlink(path);
    if (again == NULL)
        return g_strdup_printf("reading failed: %s", error->message);
    const GeglRectangle *size = gegl_buffer_get_extent(again);
    if (size->width != extent.width || size->height != extent.height)
        return g_strdup_printf("a picture of %d x %d pixels came back as %d x %d", extent.width,
                               extent.height, size->width, size->height);
    return NULL;
}

// Reads a smallest file of a format that is not written; returns what is wrong, or NULL.
static char *try_reading(const char *folder, const char *name, const char *bytes, gsize n_bytes)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GeglBuffer) buffer = NULL;
    if (g_file_set_contents(path, bytes, (gssize)n_bytes, &error))
        buffer = gan_image_load(path, NULL, &error);
    g_unlink(path);
    return buffer == NULL ? g_strdup(error->message) : NULL;
}

static void look_at_formats(GPtrArray *findings, const char *folder)
{
    static const char *const written[][2] = {
        {"png", "PNG"}, {"jpg", "JPEG"}, {"tif", "TIFF"}, {"webp", "WebP"}, {"exr", "OpenEXR"}};
    // One pixel each.
    static const char ppm[] = "P6\n1 1\n255\nabc";
    static const char hdr[] = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\nabc\200";
    static const char gif[] =
        "GIF89a\001\000\001\000\200\000\000\377\377\377\000\000\000,\000\000\000\000"
        "\001\000\001\000\000\002\002D\001\000;";
    static const struct {
        const char *name, *title, *bytes;
        gsize n_bytes;
    } read[] = {{"picture.ppm", "PNM", ppm, sizeof ppm - 1},
                {"picture.hdr", "Radiance HDR", hdr, sizeof hdr - 1},
                {"picture.gif", "GIF", gif, sizeof gif - 1}};
    int major = 0, minor = 0, micro = 0;
    gegl_get_version(&major, &minor, &micro);
    note(findings, WORKS, "formats", "Pictures go through GEGL %d.%d.%d.", major, minor, micro);
    for (gsize i = 0; i < G_N_ELEMENTS(written); i++) {
        g_autofree char *problem = try_format(folder, written[i][0]);
        if (problem == NULL)
            note(findings, WORKS, "formats", "%s is read and written.", written[i][1]);
        else
            note(findings, i < 2 ? FAILS : MISSING, "formats", "%s does not work: %s",
                 written[i][1], problem);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(read); i++) {
        g_autofree char *problem =
            try_reading(folder, read[i].name, read[i].bytes, read[i].n_bytes);
        if (problem == NULL)
            note(findings, WORKS, "formats", "%s is read.", read[i].title);
        else
            note(findings, MISSING, "formats", "%s is not read: %s", read[i].title, problem);
    }
    g_autofree char *there = gan_image_optional_formats(TRUE);
    g_autofree char *absent = gan_image_optional_formats(FALSE);
    if (there != NULL)
        note(findings, WORKS, "formats", "Read by libraries of their own: %s.", there);
    if (absent != NULL)
        note(findings, MISSING, "formats",
             "This build was made without the libraries that read: %s.", absent);
    for (guint i = 0; gan_image_without(i) != NULL; i++)
        note(findings, MISSING, "formats", "This build was made without %s.", gan_image_without(i));
}

static void look_at_folder(GPtrArray *findings, const char *what, const char *folder,
                           const GanCatalogue *catalogue)
{
    g_autofree char *shown = g_filename_display_name(folder);
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        note(findings, MISSING, "models", "The %s %s does not exist.", what, shown);
        return;
    }
    g_autofree char *prefix = g_strconcat(folder, G_DIR_SEPARATOR_S, NULL);
    guint n_usable = 0, n_problems = 0;
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if (!g_str_has_prefix(entry->path, prefix))
            continue;
        if (entry->problem == NULL) {
            n_usable++;
            continue;
        }
        n_problems++;
        note(findings, MISSING, "models", "%s in the %s cannot be used: %s", entry->name, what,
             entry->problem);
    }
    note(findings, WORKS, "models", "The %s %s has %u usable %s%s.", what, shown, n_usable,
         n_usable == 1 ? "model" : "models",
         n_problems > 0 ? ", and files that cannot be used" : "");
}

static void look_at_models(GPtrArray *findings, char **models)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanCatalogue) catalogue = gan_catalogue_open((const char *const *)models, &error);
    if (catalogue == NULL) {
        note(findings, FAILS, "models", "The models cannot be listed: %s", error->message);
        return;
    }
    for (char **folder = models; folder != NULL && *folder != NULL; folder++)
        look_at_folder(findings, "named folder", *folder, catalogue);
    g_autofree char *user = gan_catalogue_user_folder();
    look_at_folder(findings, "folder of your own", user, catalogue);
    g_auto(GStrv) system = gan_catalogue_system_folders();
    for (char **folder = system; *folder != NULL; folder++)
        look_at_folder(findings, "system's folder", *folder, catalogue);
    guint n_usable = 0;
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++)
        n_usable += gan_catalogue_entry(catalogue, i)->problem == NULL;
    if (n_usable > 0)
        return;
    note(findings, MISSING, "models",
         "There is no model yet; 'gimp-gan import FILE' brings one, or 'upscale --model FILE' "
         "uses it in place.");
    ((Finding *)findings->pdata[findings->len - 1])->is_no_model = TRUE;
}

typedef struct {
    const char *version, *programs[2]; // "2.10"; what it is called, the last one by all versions
    const char *system;                // its folder below /usr/lib
} Gimp;

// What the program says of itself, without a line's end; NULL when it does not run.
static char *version_of(char *path)
{
    g_autofree char *output = NULL;
    char *command[] = {path, (char *)"--version", NULL};
    if (!g_spawn_sync(NULL, command, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
                      NULL, NULL) ||
        output == NULL)
        return NULL;
    return g_strdup(g_strstrip(output));
}

// Where GIMP looks for plug-ins: the user's folder, and that of each folder of libraries.
static GPtrArray *plugin_folders(const Gimp *gimp)
{
    static const char *const libraries[] = {"/usr/lib", "/usr/local/lib"};
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(folders, g_build_filename(g_get_user_config_dir(), "GIMP", gimp->version,
                                              "plug-ins", NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(libraries); i++) {
        g_ptr_array_add(folders, g_build_filename(libraries[i], gimp->system, "plug-ins", NULL));
        // Debian's folders of one architecture: /usr/lib/x86_64-linux-gnu
        g_autoptr(GDir) dir = g_dir_open(libraries[i], 0, NULL);
        for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
            if (strstr(name, "-linux-") != NULL)
                g_ptr_array_add(
                    folders, g_build_filename(libraries[i], name, gimp->system, "plug-ins", NULL));
        }
    }
    return folders;
}

static void look_for_plugin(GPtrArray *findings, const Gimp *gimp)
{
    g_autoptr(GPtrArray) folders = plugin_folders(gimp);
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *path = g_build_filename(folders->pdata[i], "gimp-gan", "gimp-gan", NULL);
        if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
            continue;
        note(findings, WORKS, "gimp", "The plug-in for GIMP %s is in place: %s.", gimp->version,
             path);
        return;
    }
    note(findings, MISSING, "gimp",
         "GIMP %s has no plug-in gimp-gan; packaging/quickstart puts it into %s.", gimp->version,
         (const char *)folders->pdata[0]);
}

static void look_at_gimp(GPtrArray *findings)
{
    static const Gimp gimps[] = {{"2.10", {"gimp-2.10", "gimp"}, "gimp/2.0"},
                                 {"3.0", {"gimp-3.0", "gimp"}, "gimp/3.0"}};
    g_autofree char *own =
        g_build_filename(g_get_user_data_dir(), "flatpak/app/org.gimp.GIMP", NULL);
    gboolean found = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(gimps); i++) {
        for (gsize k = 0; k < G_N_ELEMENTS(gimps[i].programs); k++) {
            g_autofree char *path = g_find_program_in_path(gimps[i].programs[k]);
            g_autofree char *version = path != NULL ? version_of(path) : NULL;
            g_autofree char *series = g_strdup_printf(" %c.", gimps[i].version[0]);
            if (version == NULL || (k == 1 && strstr(version, series) == NULL))
                continue;
            note(findings, WORKS, "gimp", "GIMP was found: %s, %s.", path, version);
            look_for_plugin(findings, &gimps[i]);
            found = TRUE;
            break;
        }
    }
    if (g_file_test("/var/lib/flatpak/app/org.gimp.GIMP", G_FILE_TEST_IS_DIR) ||
        g_file_test(own, G_FILE_TEST_IS_DIR)) {
        note(findings, WORKS, "gimp", "GIMP was found as a Flatpak.");
        found = TRUE;
    }
    if (!found)
        note(findings, MISSING, "gimp",
             "GIMP was not found (2.10 and 3 are supported). The command line works without it.");
}

static CliExit print(const GPtrArray *findings, gboolean as_json)
{
    static const char *const marks[] = {"ok", "--", "!!"};
    static const char *const words[] = {"works", "missing", "fails"};
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_array(builder);
    guint n_fails = 0;
    gboolean is_no_model = FALSE;
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = findings->pdata[i];
        n_fails += finding->verdict == FAILS;
        is_no_model = is_no_model || finding->is_no_model;
        if (!as_json)
            g_print("%s  %-10s %s\n", marks[finding->verdict], finding->topic, finding->text);
        json_builder_begin_object(builder);
        cli_report_string(builder, "verdict", words[finding->verdict]);
        cli_report_string(builder, "topic", finding->topic);
        cli_report_string(builder, "text", finding->text);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    if (as_json)
        cli_report_print(builder, TRUE);
    else if (n_fails == 0 && is_no_model)
        g_print("\nThe program works, but there is no model yet, and nothing to be done without "
                "one.\n");
    else if (n_fails == 0)
        g_print("\nEverything that is needed works; lines with -- are options of this machine that "
                "are not there.\n");
    else
        g_print("\nLines with !! have to be put right first.\n");
    return n_fails > 0 ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

CliExit cli_doctor(int argc, char **argv)
{
    g_auto(CliCompute) compute = {0};
    g_auto(GStrv) rest = NULL;
    gboolean as_json = FALSE;
    const GOptionEntry entries[] = {
        cli_compute_models(&compute),
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print a JSON array", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL},
        {0}};
    if (!cli_options_parse(argc, argv, entries, "", "Says what works here, what does not, and why.",
                           NULL))
        return CLI_EXIT_USAGE;
    GError *error = NULL;
    if (rest != NULL) {
        g_set_error(&error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "'%s' is too much; no argument is taken.", rest[0]);
        return cli_options_complain(error);
    }
    if (!cli_compute_check(&compute, &error))
        return cli_options_complain(error);
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_free);
    look_at_machine(findings);
    look_at_devices(findings);
    g_autofree char *folder = g_dir_make_tmp("gimp-gan-XXXXXX", &error);
    if (folder == NULL) {
        note(findings, FAILS, "files", "No temporary folder can be made: %s", error->message);
        g_clear_error(&error);
    } else {
        look_at_network(findings, folder);
        gan_image_init(0);
        look_at_formats(findings, folder);
        gan_image_exit();
        g_rmdir(folder);
    }
    look_at_models(findings, compute.models);
    look_at_gimp(findings);
    return print(findings, as_json);
}
