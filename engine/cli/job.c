// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said of one picture of a batch.
#include "job.h"

#include "report.h"

#include <string.h>

CliJobResult cli_job_fail(CliJob *job, const CliItem *item, const char *message)
{
    g_autofree char *shown = g_filename_display_name(item->input);
    // Messages of the readers begin with the path already.
    const gboolean named = strstr(message, item->input) != NULL ||
                           (item->output != NULL && strstr(message, item->output) != NULL);
    cli_progress_complain(job->progress, "%s%s%s", named ? "" : shown, named ? "" : ": ", message);
    JsonBuilder *event = cli_progress_event(job->progress, "failed");
    if (event != NULL) {
        cli_report_path(event, "input", item->input);
        cli_report_string(event, "message", message);
        cli_progress_event_end(event);
    }
    return RESULT_FAILED;
}

CliJobResult cli_job_skip(CliJob *job, const CliItem *item)
{
    g_autofree char *input = g_filename_display_name(item->input);
    g_autofree char *output = g_filename_display_name(item->output);
    if (item->in_place)
        cli_progress_say(job->progress,
                         "%s: skipped: the same settings made it already; -o FILE makes another of "
                         "it",
                         input);
    else
        cli_progress_say(job->progress, "%s: skipped: %s exists", input, output);
    JsonBuilder *event = cli_progress_event(job->progress, "skipped");
    if (event != NULL) {
        cli_report_path(event, "input", item->input);
        cli_report_path(event, "output", item->output);
        cli_report_string(event, "reason", item->in_place ? "made" : "exists");
        cli_progress_event_end(event);
    }
    return RESULT_SKIPPED;
}

CliJobResult cli_job_refuse(CliJob *job, const CliItem *item)
{
    g_autofree char *output = g_filename_display_name(item->output);
    g_autofree char *message = g_strdup_printf(
        "%s exists, and how it was made is not known; --overwrite replaces it.", output);
    return cli_job_fail(job, item, message);
}

void cli_job_say_replaced(CliJob *job, const CliItem *item, const char *reason)
{
    g_autofree char *output = g_filename_display_name(item->output);
    cli_progress_say(job->progress, "%s was made %s; it is %s anew.", output, reason,
                     job->options->dry_run ? "to be made" : "made");
    JsonBuilder *event = cli_progress_event(job->progress, "replaces");
    if (event != NULL) {
        cli_report_path(event, "output", item->output);
        cli_report_string(event, "made", reason);
        cli_progress_event_end(event);
    }
}

gboolean cli_job_is_of_pages(const char *note)
{
    return strstr(note, " is read; the other") != NULL;
}

void cli_job_say_notes(CliJob *job, const char *path)
{
    g_autofree char *shown = g_filename_display_name(path);
    for (; job->n_said < job->notes->len; job->n_said++) {
        const char *note = job->notes->pdata[job->n_said];
        const gboolean of_pages = cli_job_is_of_pages(note);
        cli_progress_complain(job->progress, "%s: warning: %s%s", shown, note,
                              !of_pages                            ? ""
                              : strstr(note, "left out (") != NULL ? "; --page NAME takes another"
                                                                   : "; --page N takes another");
    }
}

JsonBuilder *cli_job_event(CliJob *job, const char *name, const CliItem *item,
                           const CliPicture *picture, const CliPlan *plan)
{
    JsonBuilder *event = cli_progress_event(job->progress, name);
    if (event == NULL)
        return NULL;
    cli_report_path(event, "input", item->input);
    for (guint i = 0; i < job->pictures->n_companions; i++)
        cli_report_path(event, job->pictures->companions[i].option + strlen("--"),
                        item->companions[i]);
    cli_report_path(event, "output", item->output);
    const gboolean turned = picture->sideways;
    cli_report_integer(event, "width", turned ? picture->height : picture->width);
    cli_report_integer(event, "height", turned ? picture->width : picture->height);
    cli_report_integer(event, "result_width", turned ? plan->height : plan->width);
    cli_report_integer(event, "result_height", turned ? plan->width : plan->height);
    if (job->n_pages > 1)
        cli_report_integer(event, "pages", job->n_pages);
    cli_report_integer(event, "passes", plan->n_passes);
    cli_report_boolean(event, "resample", plan->resample);
    cli_report_integer(event, "memory_bytes", plan->memory_bytes);
    cli_report_integer(event, "gpu_bytes", plan->gpu_bytes);
    cli_report_strings(event, "warnings", job->notes);
    if (job->verb->report != NULL)
        job->verb->report(event, job->verb->data);
    return event;
}

char *cli_job_sizes(const CliJob *job, const CliPicture *picture, const CliPlan *plan)
{
    const gboolean turned = picture->sideways;
    const guint width = turned ? picture->height : picture->width,
                height = turned ? picture->width : picture->height,
                new_width = turned ? plan->height : plan->width,
                new_height = turned ? plan->width : plan->height;
    g_autofree char *pages =
        job->n_pages > 1 ? g_strdup_printf(", %u %ss", job->n_pages, job->unit) : g_strdup("");
    if (new_width == width && new_height == height)
        return g_strdup_printf("%u x %u pixels%s", width, height, pages);
    return g_strdup_printf("%u x %u to %u x %u pixels%s", width, height, new_width, new_height,
                           pages);
}

CliJobResult cli_job_describe(CliJob *job, const CliItem *item, const CliPicture *picture,
                              const CliPlan *plan)
{
    g_autofree char *input = g_filename_display_name(item->input);
    g_autofree char *output = g_filename_display_name(item->output);
    g_autofree char *size = cli_job_sizes(job, picture, plan);
    g_autofree char *passes = cli_report_count(plan->n_passes, "pass", "passes");
    g_autofree char *memory = cli_report_memory(plan->memory_bytes, plan->gpu_bytes);
    g_autofree char *time = cli_report_seconds(plan->seconds);
    cli_progress_say(job->progress, "%s -> %s: %s, %s (%s)%s, about %s, about %s", input, output,
                     size, passes, plan->n_passes > 0 ? plan->tiles->str : "no tile",
                     plan->resample ? " and a resampling" : "", memory, time);
    JsonBuilder *event = cli_job_event(job, "would-do", item, picture, plan);
    if (event != NULL) {
        cli_report_integer(event, "tiles", plan->n_tiles);
        cli_report_number(event, "seconds", plan->seconds);
        cli_progress_event_end(event);
    }
    return RESULT_DONE;
}
