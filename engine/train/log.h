// SPDX-License-Identifier: LGPL-3.0-or-later
// What a run was like, step by step: JSON lines on the disk, and the same as series of numbers.
#ifndef GAN_LOG_H
#define GAN_LOG_H

#include <gan/error.h>

typedef struct {
    guint64 step;
    double value;
} GanPoint;

typedef struct {
    char *name;     // "loss/pixel", "validation/psnr_y"
    GArray *points; // of GanPoint, steps rise
} GanSeries;

typedef struct GanLog GanLog;

// Opens the log of a run. Lines of steps after `last_step` go: a resumed run writes them anew, and
// a line that a killed process left unfinished goes as well. 0: an empty log.
// Errors:  GAN_ERROR_FILE.
GanLog *gan_log_open(const char *path, guint64 last_step, GError **error);
void gan_log_free(GanLog *log); // accepts NULL
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GanLog, gan_log_free)

// A line: begun, filled with numbers, and written. What is not finite is written as null and left
// out of the series. The line is in the series even if it could not be written.
// Errors:  GAN_ERROR_FILE.
void gan_log_begin(GanLog *log, guint64 step);
void gan_log_number(GanLog *log, const char *name, double value);
void gan_log_text(GanLog *log, const char *name, const char *text); // not in the series
gboolean gan_log_end(GanLog *log, GError **error);

// The series in the order in which their names came first.
guint gan_log_n_series(const GanLog *log);
const GanSeries *gan_log_series(const GanLog *log, guint i);
const GanSeries *gan_log_find(const GanLog *log, const char *name); // or NULL

#endif
