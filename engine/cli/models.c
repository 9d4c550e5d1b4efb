// SPDX-License-Identifier: LGPL-3.0-or-later
// `gimp-gan models`: lists the weight files of this machine.
#include "cli.h"

#include "compute.h"
#include "options.h"
#include "report.h"

#include <gan/catalogue.h>
#include <string.h>

typedef struct {
    CliCompute compute;
    char **rest;
    gboolean json;
} Options;

static void options_clear(Options *options)
{
    cli_compute_clear(&options->compute);
    g_strfreev(options->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void print_json(const GanCatalogue *catalogue)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    json_builder_begin_array(builder);
    for (guint i = 0; i < gan_catalogue_n_entries(catalogue); i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        json_builder_begin_object(builder);
        cli_report_string(builder, "name", entry->name);
        cli_report_path(builder, "path", entry->path);
        cli_report_string(builder, "family", entry->family);
        cli_report_string(builder, "family_title",
                          entry->family != NULL ? gan_family_title(entry->family) : NULL);
        cli_report_string(builder, "title", entry->title);
        cli_report_string(builder, "task",
                          entry->problem == NULL ? gan_task_name(entry->task) : NULL);
        cli_report_scale(builder, "scale", entry->scale);
        cli_report_string(builder, "good_for", entry->good_for);
        cli_report_string(builder, "licence", entry->licence);
        cli_report_boolean(builder, "non_commercial", entry->non_commercial);
        cli_report_integer(builder, "bytes", entry->bytes);
        cli_report_string(builder, "sha256", entry->sha256);
        cli_report_string(builder, "problem", entry->problem);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    cli_report_print(builder, TRUE);
}

static const char *known(const char *text)
{
    return text != NULL ? text : "not known";
}

static int columns(const char *text)
{
    return (int)g_utf8_strlen(known(text), -1);
}

static void print_table(const GanCatalogue *catalogue)
{
    const guint n = gan_catalogue_n_entries(catalogue);
    int name_columns = columns("NAME"), good_columns = columns("GOOD FOR"),
        licence_columns = columns("LICENCE"), family_columns = columns("FAMILY");
    for (guint i = 0; i < n; i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        name_columns = MAX(name_columns, columns(entry->name));
        good_columns = MAX(good_columns, columns(entry->good_for));
        licence_columns = MAX(licence_columns, columns(entry->licence));
        if (entry->problem == NULL)
            family_columns = MAX(family_columns, columns(gan_family_title(entry->family)));
    }
    if (n > 0)
        g_print("%-*s  %-8s  %-5s  %-*s  %-*s  %-*s  %9s  %s\n", name_columns, "NAME", "TASK",
                "SCALE", good_columns, "GOOD FOR", licence_columns, "LICENCE", family_columns,
                "FAMILY", "SIZE", "SHA-256");
    for (guint i = 0; i < n; i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if (entry->problem != NULL)
            continue;
        g_autofree char *scale = g_strdup_printf("x%g", entry->scale);
        g_autofree char *size = cli_report_bytes(entry->bytes);
        g_print("%-*s  %-8s  %-5s  %-*s  %-*s  %-*s  %9s  %.12s%s\n", name_columns, entry->name,
                gan_task_name(entry->task), scale, good_columns, known(entry->good_for),
                licence_columns, known(entry->licence), family_columns,
                gan_family_title(entry->family), size, entry->sha256 != NULL ? entry->sha256 : "",
                entry->non_commercial ? "  non-commercial" : "");
    }
    for (guint i = 0; i < n; i++) {
        const GanCatalogueEntry *entry = gan_catalogue_entry(catalogue, i);
        if (entry->problem == NULL)
            continue;
        g_autofree char *shown = g_filename_display_name(entry->path);
        g_print("%-*s  cannot be used: %s%s%s\n", name_columns, entry->name, entry->problem,
                strstr(entry->problem, entry->path) != NULL ? "" : "  ",
                strstr(entry->problem, entry->path) != NULL ? "" : shown);
    }
    if (n == 0) {
        g_autofree char *folder = gan_catalogue_user_folder();
        g_autofree char *shown = g_filename_display_name(folder);
        g_print("There are no models yet. Put .pth or .safetensors files into %s, or bring them "
                "there with "
                "'gimp-gan import FILE'.\n",
                shown);
    }
}

CliExit cli_models(int argc, char **argv)
{
    g_auto(Options) o = {0};
    const GOptionEntry entries[] = {
        cli_compute_models(&o.compute),
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json, "Print a JSON array", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.rest, NULL, NULL},
        {0}};
    GError *error = NULL;
    if (!cli_options_parse(argc, argv, entries, "", "Lists the weight files of this machine.",
                           "A file that cannot be used is listed with the reason."))
        return CLI_EXIT_USAGE;
    if (o.rest != NULL) {
        g_set_error(&error, GAN_ERROR, GAN_ERROR_ARGUMENT,
                    "'%s' is too much; no argument is taken.", o.rest[0]);
        return cli_options_complain(error);
    }
    if (!cli_compute_check(&o.compute, &error))
        return cli_options_complain(error);
    g_autoptr(GanCatalogue) catalogue =
        gan_catalogue_open((const char *const *)o.compute.models, &error);
    if (catalogue == NULL)
        return cli_options_fail(error);
    if (o.json)
        print_json(catalogue);
    else
        print_table(catalogue);
    return CLI_EXIT_OK;
}
