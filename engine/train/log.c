// SPDX-License-Identifier: LGPL-3.0-or-later
// The log of a run.
#include "log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct GanLog {
    char *path;
    FILE *file;
    GPtrArray *series;
    guint64 step;
    JsonBuilder *line;
};

static void series_free(gpointer data)
{
    GanSeries *series = data;
    g_free(series->name);
    g_array_unref(series->points);
    g_free(series);
}

static void add_point(GanLog *log, const char *name, guint64 step, double value)
{
    GanSeries *series = (GanSeries *)gan_log_find(log, name);
    if (series == NULL) {
        series = g_new0(GanSeries, 1);
        series->name = g_strdup(name);
        series->points = g_array_new(FALSE, FALSE, sizeof(GanPoint));
        g_ptr_array_add(log->series, series);
    }
    const GanPoint point = {step, value};
    g_array_append_val(series->points, point);
}

// Takes a line of the file over. FALSE: it is none, or belongs to a later step.
static gboolean keep_line(GanLog *log, const char *line, guint64 last_step)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    if (line[0] == '\0' || !json_parser_load_from_data(parser, line, -1, NULL))
        return FALSE;
    JsonNode *root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return FALSE;
    JsonObject *object = json_node_get_object(root);
    if (!json_object_has_member(object, "step"))
        return FALSE;
    const gint64 step = json_object_get_int_member(object, "step");
    if (step < 0 || (guint64)step > last_step)
        return FALSE;
    g_autoptr(GList) names = json_object_get_members(object);
    for (GList *at = names; at != NULL; at = at->next) {
        JsonNode *node = json_object_get_member(object, at->data);
        const GType type =
            JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_NONE;
        if (strcmp(at->data, "step") != 0 && (type == G_TYPE_DOUBLE || type == G_TYPE_INT64))
            add_point(log, at->data, (guint64)step, json_node_get_double(node));
    }
    return TRUE;
}

static gboolean set_file_error(const GanLog *log, GError **error)
{
    const int code = errno;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", log->path, g_strerror(code));
    return FALSE;
}

GanLog *gan_log_open(const char *path, guint64 last_step, GError **error)
{
    g_autoptr(GanLog) log = g_new0(GanLog, 1);
    g_autofree char *text = NULL;
    g_autoptr(GString) kept = g_string_new(NULL);
    log->path = g_strdup(path);
    log->series = g_ptr_array_new_with_free_func(series_free);
    if (last_step > 0 && g_file_get_contents(path, &text, NULL, NULL)) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (guint i = 0; lines[i] != NULL; i++)
            if (keep_line(log, lines[i], last_step))
                g_string_append_printf(kept, "%s\n", lines[i]);
    }
    g_autoptr(GError) reason = NULL;
    if (!g_file_set_contents(path, kept->str, (gssize)kept->len, &reason)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s", reason->message);
        return NULL;
    }
    log->file = g_fopen(path, "abe");
    if (log->file == NULL) {
        set_file_error(log, error);
        return NULL;
    }
    return g_steal_pointer(&log);
}

void gan_log_free(GanLog *log)
{
    if (log == NULL)
        return;
    if (log->file != NULL)
        (void)fclose(log->file);
    if (log->line != NULL)
        g_object_unref(log->line);
    g_ptr_array_unref(log->series);
    g_free(log->path);
    g_free(log);
}

void gan_log_begin(GanLog *log, guint64 step)
{
    g_return_if_fail(log->line == NULL);
    log->step = step;
    log->line = json_builder_new();
    json_builder_begin_object(log->line);
    json_builder_set_member_name(log->line, "step");
    json_builder_add_int_value(log->line, (gint64)step);
}

void gan_log_number(GanLog *log, const char *name, double value)
{
    json_builder_set_member_name(log->line, name);
    if (isfinite(value)) {
        json_builder_add_double_value(log->line, value);
        add_point(log, name, log->step, value);
    } else {
        json_builder_add_null_value(log->line);
    }
}

void gan_log_text(GanLog *log, const char *name, const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    json_builder_set_member_name(log->line, name);
    json_builder_add_string_value(log->line, valid);
}

gboolean gan_log_end(GanLog *log, GError **error)
{
    json_builder_end_object(log->line);
    g_autoptr(JsonNode) root = json_builder_get_root(log->line);
    g_autofree char *text = json_to_string(root, FALSE);
    g_clear_object(&log->line);
    if (fprintf(log->file, "%s\n", text) > 0 && fflush(log->file) == 0)
        return TRUE;
    clearerr(log->file);
    return set_file_error(log, error);
}

guint gan_log_n_series(const GanLog *log)
{
    return log->series->len;
}

const GanSeries *gan_log_series(const GanLog *log, guint i)
{
    return log->series->pdata[i];
}

const GanSeries *gan_log_find(const GanLog *log, const char *name)
{
    for (guint i = 0; i < log->series->len; i++) {
        const GanSeries *series = log->series->pdata[i];
        if (strcmp(series->name, name) == 0)
            return series;
    }
    return NULL;
}
