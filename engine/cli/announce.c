// SPDX-License-Identifier: LGPL-3.0-or-later
// What is said of a batch of pictures as a whole: models, licences, devices, what is left out.
#include "announce.h"

#include "report.h"

// Of what is left out so many are named; the others are counted.
#define N_NAMED 3u

// Of a file that holds more than what runs, such as averaged weights beside others: which part it is.
static void say_part(CliProgress *progress, const CliNetwork *network)
{
    const GanWeights *weights = gan_model_weights(network->model);
    g_autofree char *part = gan_weights_part_name(weights);
    g_auto(GStrv) left_out = gan_weights_left_out(weights);
    g_autofree char *others = g_strjoinv(", ", left_out);
    if (part != NULL && others[0] != 0)
        cli_progress_say(progress, "'%s': '%s' is taken of the file; left out: %s.",
                         network->pick.name, part, others);
}

static void report_network(JsonBuilder *event, const CliNetwork *network)
{
    const GanModelInfo *info = gan_model_info(network->model);
    cli_report_string(event, "model", network->pick.name);
    cli_report_path(event, "model_path", network->pick.path);
    g_autofree char *part = gan_weights_part_name(gan_model_weights(network->model));
    g_auto(GStrv) left_out = gan_weights_left_out(gan_model_weights(network->model));
    cli_report_string(event, "part", part);
    json_builder_set_member_name(event, "left_out");
    json_builder_begin_array(event);
    for (guint i = 0; left_out[i] != NULL; i++)
        json_builder_add_string_value(event, left_out[i]);
    json_builder_end_array(event);
    cli_report_string(event, "family", info->family);
    cli_report_scale(event, "model_scale", info->scale);
    cli_report_string(event, "licence", network->pick.licence);
}

void cli_announce(CliProgress *progress, const CliPictures *pictures, const GanDevice *device)
{
    for (guint i = 0; i < pictures->n_networks; i++) {
        const CliNetwork *network = &pictures->networks[i];
        const CliPick *pick = &network->pick;
        const GanModelInfo *info = gan_model_info(network->model);
        if (pick->chosen)
            cli_progress_say(progress,
                             "Model: %s (%s, x%g), the first that fits; %s takes another.",
                             pick->name, info->title, info->scale, network->option);
        say_part(progress, network);
        if (pick->keeps_size)
            cli_progress_complain(progress,
                                  "note: '%s' is a model to restore with and keeps the size; "
                                  "'gimp-gan restore' knows its strength.",
                                  pick->name);
        if (pick->non_commercial)
            cli_progress_complain(progress,
                                  "note: the licence of the model '%s' (%s) allows no commercial "
                                  "use.",
                                  pick->name, pick->licence != NULL ? pick->licence : "not named");
    }
    if (pictures->note != NULL)
        cli_progress_say(progress, "%s", pictures->note);
    if (gan_device_note(device) != NULL)
        cli_progress_say(progress, "No graphics processor is used: %s.", gan_device_note(device));
    JsonBuilder *event = cli_progress_event(progress, "start");
    if (event == NULL)
        return;
    report_network(event, &pictures->networks[0]);
    cli_report_string(event, "device", gan_device_description(device));
    if (pictures->n_networks > 1) {
        json_builder_set_member_name(event, "then");
        json_builder_begin_object(event);
        report_network(event, &pictures->networks[1]);
        json_builder_end_object(event);
    }
    cli_progress_event_end(event);
}

static void append_name(GString *names, guint i, const char *path)
{
    g_autofree char *shown = g_filename_display_name(path);
    if (i < N_NAMED)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", shown);
    else if (i == N_NAMED)
        g_string_append(names, ", …");
}

void cli_announce_left_out(CliProgress *progress, const GPtrArray *left_out)
{
    if (left_out->len == 0)
        return;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < left_out->len; i++)
        append_name(names, i, ((const CliItem *)left_out->pdata[i])->input);
    const gboolean one = left_out->len == 1;
    cli_progress_complain(progress,
                          "note: %u %s of this program %s left out: %s. Named by %s taken.",
                          left_out->len, one ? "result" : "results", one ? "is" : "are", names->str,
                          one ? "itself, it is" : "themselves, they are");
    for (guint i = 0; i < left_out->len; i++) {
        const CliItem *item = left_out->pdata[i];
        JsonBuilder *event = cli_progress_event(progress, "left-out");
        if (event == NULL)
            return;
        cli_report_path(event, "input", item->input);
        cli_report_string(event, "reason", "result");
        cli_progress_event_end(event);
    }
}

void cli_announce_not_taken(CliProgress *progress, const CliLeft *left)
{
    g_autofree char *not_read = cli_batch_describe_left(left->not_read, "not read");
    g_autofree char *alone = cli_batch_describe_left(left->alone, "taken only when named");
    if (not_read != NULL)
        cli_progress_say(progress, "%s", not_read);
    if (alone != NULL)
        cli_progress_say(progress, "%s", alone);
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < left->links->len; i++)
        append_name(names, i, left->links->pdata[i]);
    if (left->links->len > 0)
        cli_progress_say(progress, "%u %s not followed: %s", left->links->len,
                         left->links->len == 1 ? "link to a folder is" : "links to folders are",
                         names->str);
}
