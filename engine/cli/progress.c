// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said while work goes on: a bar on a terminal, plain lines elsewhere, JSON
// lines, or nothing.
#include "progress.h"

#include "report.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_INTERVAL_US (G_USEC_PER_SEC / 10)
#define LINE_INTERVAL_US ((gint64)10 * G_USEC_PER_SEC)
#define JSON_INTERVAL_US (G_USEC_PER_SEC / 4)
#define COLUMNS_DEFAULT 80
#define TAIL_COLUMNS 22u // " 100 % 59 min 59 s left"

typedef enum { STYLE_BAR, STYLE_LINES, STYLE_QUIET, STYLE_JSON } Style;

struct CliProgress {
    Style style;
    guint n_files, index;
    char *name;
    gint64 begun_us, shown_us; // monotonic
    double first, fraction;
    gboolean visible; // a bar stands on the terminal's last line
    gboolean counts;  // the name is made of figures, see cli_progress_rename()
};

CliProgress *cli_progress_new(CliProgressMode mode, guint n_files)
{
    CliProgress *progress = g_new0(CliProgress, 1);
    progress->n_files = n_files;
    if (mode == CLI_PROGRESS_QUIET)
        progress->style = STYLE_QUIET;
    else if (mode == CLI_PROGRESS_JSON)
        progress->style = STYLE_JSON;
    else
        progress->style = isatty(STDERR_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0
                              ? STYLE_BAR
                              : STYLE_LINES;
    return progress;
}

void cli_progress_free(CliProgress *progress)
{
    if (progress == NULL)
        return;
    cli_progress_end(progress);
    g_free(progress->name);
    g_free(progress);
}

double cli_progress_left(double first, double fraction, double elapsed_s)
{
    // The first moments hold one-time work and say little about the rest.
    if (fraction - first <= 0.005 * (1 - first) || elapsed_s < 0.3)
        return -1;
    return fraction >= 1 ? 0 : elapsed_s * (1 - fraction) / (fraction - first);
}

static guint text_columns(const char *text)
{
    guint columns = 0;
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c)) {
        const gunichar letter = g_utf8_get_char(c);
        if (!g_unichar_iszerowidth(letter))
            columns += g_unichar_iswide(letter) ? 2 : 1;
    }
    return columns;
}

// Returns the end of `text` that fits into `columns`, after an ellipsis when something was cut: the
// end of a path is what tells files apart.
static char *fit(const char *text, guint columns)
{
    if (text_columns(text) <= columns)
        return g_strdup(text);
    const char *rest = text;
    while (*rest != '\0' && text_columns(rest) + 1 > columns)
        rest = g_utf8_next_char(rest);
    return columns == 0 ? g_strdup("") : g_strconcat("…", rest, NULL);
}

// Percent and time, and the columns that are kept for them: a tail that changes its length must not
// move what stands before it.
static char *tail_of(double part, double left_s, guint *columns)
{
    g_autofree char *time = left_s >= 0 ? cli_report_seconds(left_s) : NULL;
    char *tail = time != NULL ? g_strdup_printf(" %3d %% %s left", (int)(100 * part), time)
                              : g_strdup_printf(" %3d %%", (int)(100 * part));
    *columns = MAX(text_columns(tail), TAIL_COLUMNS);
    return tail;
}

char *cli_progress_bar(const char *label, double fraction, double left_s, guint width)
{
    const double part = CLAMP(fraction, 0, 1);
    guint tail_columns;
    g_autofree char *tail = tail_of(part, left_s, &tail_columns);
    // The last column stays free: writing there makes some terminals begin a new line.
    const guint room = width > tail_columns + 1 ? width - tail_columns - 1 : 0;
    const guint bar_columns = room >= 24 ? MIN(30u, room / 3) : 0;
    const guint label_columns = room - (bar_columns > 0 ? bar_columns + 3 : 0);
    g_autofree char *valid = g_utf8_make_valid(label, -1);
    g_autofree char *shown = fit(valid, label_columns);
    GString *line = g_string_new(shown);
    if (bar_columns > 0) {
        const guint full = (guint)(part * bar_columns + 0.5);
        g_string_append(line, " [");
        for (guint i = 0; i < bar_columns; i++)
            g_string_append_c(line, i < full ? '#' : '.');
        g_string_append_c(line, ']');
    }
    g_string_append(line, tail);
    return g_string_free(line, FALSE);
}

char *cli_progress_count(const char *figures, double fraction, double left_s, guint width)
{
    guint tail_columns;
    g_autofree char *tail = tail_of(CLAMP(fraction, 0, 1), left_s, &tail_columns);
    const guint room = width > tail_columns + 1 ? width - tail_columns - 1 : 0;
    const gboolean cut = text_columns(figures) > room;
    g_autofree char *shown = g_strdup(figures);
    // Whole figures go: half a number would be another one.
    for (char *end = shown; end != NULL && text_columns(shown) + (cut ? 2 : 0) > room;) {
        end = g_strrstr(shown, "  ");
        if (end != NULL)
            *end = '\0';
    }
    return g_strconcat(shown, cut ? " …" : "", tail, NULL);
}

static guint terminal_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col;
}

static char *label(const CliProgress *progress)
{
    if (progress->n_files < 2)
        return g_strdup(progress->name);
    return g_strdup_printf("[%u/%u] %s", progress->index, progress->n_files, progress->name);
}

static void clear_bar(CliProgress *progress)
{
    if (!progress->visible)
        return;
    g_printerr("\r\033[K");
    progress->visible = FALSE;
}

static void show(CliProgress *progress, gint64 now_us)
{
    const double elapsed_s = (double)(now_us - progress->begun_us) / G_USEC_PER_SEC;
    const double left_s = cli_progress_left(progress->first, progress->fraction, elapsed_s);
    g_autofree char *text = label(progress);
    progress->shown_us = now_us;
    if (progress->style == STYLE_BAR) {
        g_autofree char *bar = (progress->counts ? cli_progress_count : cli_progress_bar)(
            text, progress->fraction, left_s, terminal_columns());
        g_printerr("\r%s\033[K", bar);
        progress->visible = TRUE;
    } else if (progress->style == STYLE_LINES) {
        g_autofree char *time = left_s >= 0 ? cli_report_seconds(left_s) : NULL;
        g_printerr("%s: %d %%%s%s%s\n", text, (int)(100 * progress->fraction),
                   time != NULL ? ", " : "", time != NULL ? time : "", time != NULL ? " left" : "");
    } else {
        JsonBuilder *builder = cli_progress_event(progress, "progress");
        cli_report_string(builder, "input", progress->name);
        cli_report_number(builder, "fraction", progress->fraction);
        cli_report_number(builder, "seconds_left", left_s >= 0 ? left_s : NAN);
        cli_progress_event_end(builder);
    }
}

void cli_progress_begin(CliProgress *progress, guint index, const char *name, const char *what)
{
    cli_progress_end(progress);
    g_free(progress->name);
    progress->name = g_filename_display_name(name);
    progress->index = index;
    progress->begun_us = progress->shown_us = g_get_monotonic_time();
    progress->first = progress->fraction = 0;
    progress->counts = FALSE;
    if (progress->style == STYLE_LINES) {
        g_autofree char *text = label(progress);
        g_printerr("%s: %s\n", text, what);
    } else if (progress->style == STYLE_BAR) {
        show(progress, progress->begun_us);
    }
}

void cli_progress_rename(CliProgress *progress, const char *figures)
{
    g_free(progress->name);
    progress->name = g_strdup(figures);
    progress->counts = TRUE;
}

void cli_progress_start_at(CliProgress *progress, double fraction)
{
    progress->first = fraction;
}

void cli_progress_update(CliProgress *progress, double fraction)
{
    if (progress->style == STYLE_QUIET || progress->name == NULL)
        return;
    static const gint64 intervals_us[] = {BAR_INTERVAL_US, LINE_INTERVAL_US, 0, JSON_INTERVAL_US};
    const gint64 now_us = g_get_monotonic_time();
    progress->fraction = fraction;
    if (now_us - progress->shown_us >= intervals_us[progress->style])
        show(progress, now_us);
}

void cli_progress_end(CliProgress *progress)
{
    clear_bar(progress);
    g_clear_pointer(&progress->name, g_free);
}

void cli_progress_say(CliProgress *progress, const char *format, ...)
{
    if (progress->style == STYLE_QUIET || progress->style == STYLE_JSON)
        return;
    clear_bar(progress);
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_print("%s\n", text);
}

void cli_progress_complain(CliProgress *progress, const char *format, ...)
{
    clear_bar(progress);
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("%s: %s\n", g_get_prgname(), text);
}

JsonBuilder *cli_progress_event(CliProgress *progress, const char *event)
{
    if (progress->style != STYLE_JSON)
        return NULL;
    JsonBuilder *builder = json_builder_new();
    json_builder_begin_object(builder);
    cli_report_string(builder, "event", event);
    return builder;
}

void cli_progress_event_end(JsonBuilder *builder)
{
    json_builder_end_object(builder);
    cli_report_print(builder, FALSE);
    g_object_unref(builder);
}
