// SPDX-License-Identifier: LGPL-3.0-or-later
// Files of several pages or frames: each is saved as a picture of its own, with all that goes into
// one, and then joined to those before.
#include <gan/series.h>

#include "notes.h"
#include "provenance.h"
#include "serieswriter.h"
#include "spaces.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <temporary.h>
#include <unistd.h>

struct GanSeries {
    char *path, *whole, *part; // whole, part: temporary names
    const GanImagePages *pages;
    GanImageSaveOptions options; // but the provenance, which comes last
    const GanProvenance *provenance;
    const GanSeriesWriter *writer;
    guint n; // pages that are there
};

static const GanSeriesWriter *writer_for(const char *path)
{
    const char *dot = strrchr(path, '.');
    for (guint i = 0; dot && gan_series_writers[i]; i++) {
        const GanSeriesWriter *writer = gan_series_writers[i];
        if (g_ascii_strcasecmp(dot + 1, writer->name) == 0 ||
            (writer->other_name && g_ascii_strcasecmp(dot + 1, writer->other_name) == 0))
            return writer;
    }
    return NULL;
}

char *gan_series_problem(const char *path, const GanImagePages *pages)
{
    const GanSeriesWriter *wanted = writer_for(path);
    if (wanted && (pages->delays_ms || !wanted->animations_only))
        return NULL;
    g_autoptr(GString) names = g_string_new(NULL);
    guint n = 0;
    for (guint i = 0; gan_series_writers[i]; i++) {
        if (!pages->delays_ms && gan_series_writers[i]->animations_only)
            continue;
        g_string_append_printf(names, "%s%s", n++ > 0 ? ", " : "", gan_series_writers[i]->name);
    }
    return g_strdup_printf("this format does not hold %u %ss; %s %s", pages->n, pages->unit,
                           names->str, n > 1 ? "do" : "does");
}

// The file is made under a name of its kind, as gan_image_save() goes by that.
static char *temporary_for(const char *path)
{
    g_autofree char *pattern = gan_temporary_name(path);
    const int fd = g_mkstemp_full(pattern, O_RDWR, 0666);
    if (fd < 0)
        return NULL;
    close(fd);
    char *name = g_strconcat(pattern, strrchr(path, '.'), NULL);
    if (g_rename(pattern, name) == 0)
        return name;
    g_unlink(pattern);
    g_free(name);
    return NULL;
}

GanSeries *gan_series_new(const char *path, const GanImagePages *pages,
                          const GanImageSaveOptions *options, GError **error)
{
    g_return_val_if_fail(path && pages && options, NULL);
    const GanSeriesWriter *writer = writer_for(path);
    g_autofree char *problem = gan_series_problem(path, pages);
    if (!writer || problem) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: %s", path, problem);
        return NULL;
    }
    g_autoptr(GanSeries) series = g_new0(GanSeries, 1);
    *series = (GanSeries){.path = g_strdup(path),
                          .pages = pages,
                          .options = *options,
                          .provenance = options->provenance,
                          .writer = writer};
    series->options.provenance = NULL;
    series->whole = temporary_for(path);
    series->part = series->whole ? temporary_for(path) : NULL;
    if (!series->part) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    if (pages->delays_ms && !writer->animations_only)
        gan_note(options->notes, "how long each frame is shown is not told in the new file");
    return g_steal_pointer(&series);
}

// The same with an alpha.
static GeglBuffer *with_alpha(GeglBuffer *buffer)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean grey =
        (babl_get_model_flags(babl_format_get_model(format)) & BABL_MODEL_FLAG_GRAY) != 0;
    g_autofree char *name = g_strdup_printf("%s %s", grey ? "Y'A" : "R'G'B'A",
                                            babl_get_name(babl_format_get_type(format, 0)));
    GeglBuffer *with = gegl_buffer_new(gegl_buffer_get_extent(buffer),
                                       babl_format_with_space(name, babl_format_get_space(format)));
    gan_numbers_copy(buffer, with);
    return with;
}

gboolean gan_series_add(GanSeries *series, GeglBuffer *buffer, GError **error)
{
    g_return_val_if_fail(series && GEGL_IS_BUFFER(buffer) && series->n < series->pages->n, FALSE);
    series->options.page = series->n + 1;
    g_autoptr(GError) reason = NULL;
    const gboolean has_alpha = babl_format_has_alpha(gegl_buffer_get_format(buffer)) != 0;
    g_autoptr(GeglBuffer) page =
        series->writer->wants_alpha && !has_alpha ? with_alpha(buffer) : g_object_ref(buffer);
    if (!gan_image_save(page, series->part, &series->options, &reason) ||
        !series->writer->join(series->whole, series->part, series->n, series->pages, &reason)) {
        // The user knows nothing of the part's name.
        const gsize n = strlen(series->part);
        const char *text = reason->message;
        text += strncmp(text, series->part, n) == 0 && strncmp(text + n, ": ", 2) == 0 ? n + 2 : 0;
        g_set_error(error, reason->domain, reason->code, "%s: %s", series->path, text);
        return FALSE;
    }
    series->n++;
    return TRUE;
}

gboolean gan_series_end(GanSeries *series, GError **error)
{
    g_return_val_if_fail(series && series->n == series->pages->n, FALSE);
    g_autofree char *note = series->provenance ? gan_provenance_to_text(series->provenance) : NULL;
    const gboolean embedded = note && gan_provenance_embed(series->whole, note);
    if (g_rename(series->whole, series->path) != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: %s", series->path, g_strerror(errno));
        return FALSE;
    }
    g_clear_pointer(&series->whole, g_free);
    if (note && !embedded)
        gan_record_add(series->path, note);
    return TRUE;
}

void gan_series_free(GanSeries *series)
{
    if (!series)
        return;
    char *const names[] = {series->whole, series->part};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i])
            g_unlink(names[i]);
        g_free(names[i]);
    }
    g_free(series->path);
    g_free(series);
}
