// SPDX-License-Identifier: LGPL-3.0-or-later
// How figures are said to people (sizes, times, counts) and to programs (JSON).
#include "report.h"

#include <math.h>
#include <stdio.h>

char *cli_report_bytes(guint64 bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
    double value = (double)bytes;
    guint unit = 0;
    while (value >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1000;
        unit++;
    }
    return g_strdup_printf(unit == 0 || value >= 10 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

char *cli_report_memory(guint64 bytes, guint64 gpu_bytes)
{
    g_autofree char *process = cli_report_bytes(bytes), *gpu = cli_report_bytes(gpu_bytes);
    return gpu_bytes > 0 ? g_strdup_printf("%s of memory and %s of the GPU's", process, gpu)
                         : g_strdup_printf("%s of memory", process);
}

char *cli_report_seconds(double seconds)
{
    if (seconds < 0.0995)
        return g_strdup_printf("%.0f ms", seconds * 1000);
    if (seconds < 9.95)
        return g_strdup_printf("%.1f s", seconds);
    const guint64 whole = (guint64)(seconds + 0.5);
    if (whole < 60)
        return g_strdup_printf("%u s", (guint)whole);
    if (whole < 3600)
        return g_strdup_printf("%u min %u s", (guint)(whole / 60), (guint)(whole % 60));
    return g_strdup_printf("%" G_GUINT64_FORMAT " h %u min", whole / 3600,
                           (guint)(whole % 3600 / 60));
}

char *cli_report_count(guint64 n, const char *one, const char *many)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s", n, n == 1 ? one : many);
}

void cli_report_string(JsonBuilder *builder, const char *member, const char *value)
{
    json_builder_set_member_name(builder, member);
    if (value == NULL) {
        json_builder_add_null_value(builder);
        return;
    }
    // JSON is UTF-8; what a weight file calls its tensors need not be.
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    json_builder_add_string_value(builder, valid);
}

void cli_report_strings(JsonBuilder *builder, const char *member, const GPtrArray *values)
{
    json_builder_set_member_name(builder, member);
    json_builder_begin_array(builder);
    for (guint i = 0; i < values->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(values->pdata[i], -1);
        json_builder_add_string_value(builder, valid);
    }
    json_builder_end_array(builder);
}

void cli_report_path(JsonBuilder *builder, const char *member, const char *path)
{
    g_autofree char *shown = path != NULL ? g_filename_display_name(path) : NULL;
    cli_report_string(builder, member, shown);
}

void cli_report_integer(JsonBuilder *builder, const char *member, guint64 value)
{
    json_builder_set_member_name(builder, member);
    json_builder_add_int_value(builder, (gint64)MIN(value, (guint64)G_MAXINT64));
}

void cli_report_number(JsonBuilder *builder, const char *member, double value)
{
    json_builder_set_member_name(builder, member);
    if (isfinite(value))
        json_builder_add_double_value(builder, value);
    else
        json_builder_add_null_value(builder);
}

void cli_report_scale(JsonBuilder *builder, const char *member, double scale)
{
    if (scale == floor(scale))
        cli_report_integer(builder, member, (guint64)scale);
    else
        cli_report_number(builder, member, scale);
}

void cli_report_boolean(JsonBuilder *builder, const char *member, gboolean value)
{
    json_builder_set_member_name(builder, member);
    json_builder_add_boolean_value(builder, value);
}

void cli_report_print(JsonBuilder *builder, gboolean pretty)
{
    g_autoptr(JsonNode) root = json_builder_get_root(builder);
    g_autofree char *text = json_to_string(root, pretty);
    // Not g_print(), which would turn UTF-8 into the locale's letters.
    (void)fprintf(stdout, "%s\n", text);
    (void)fflush(stdout);
}
