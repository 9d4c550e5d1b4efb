// SPDX-License-Identifier: LGPL-3.0-or-later
#include "models.h"

#include "../quantity.h"
#include "dialog.h"
#include "entries.h"
#include "help.h"
#include "notice.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define WIDTH 780

enum {
    COLUMN_ENTRY, // borrowed from `entries`
    COLUMN_NAME,
    COLUMN_SCALE,
    COLUMN_GOOD_FOR,
    COLUMN_LICENCE,
    COLUMN_FAMILY,
    COLUMN_SIZE,
    COLUMN_FOLDER,
    COLUMN_WORKS,
    N_COLUMNS
};

typedef struct {
    GtkWidget *window, *list, *told, *remove, *notice, *spinner;
    GtkListStore *store;
    GPtrArray *entries; // NULL: not known yet
    char *select;       // name of the model to select when the list is there
    Worker *worker;
} Models;

// Files on their way into the user's folder.
typedef struct {
    Models *models;
    char **files;
    gboolean overwrite;
    // Filled by the thread.
    GString *problems;
    GPtrArray *taken; // files whose name a model has already
    char *name;       // of the last that was added
} Import;

static void load(Models *models);

static void set_busy(Models *models, gboolean busy)
{
    gtk_widget_set_visible(models->spinner, busy);
    if (busy)
        gtk_spinner_start(GTK_SPINNER(models->spinner));
    else
        gtk_spinner_stop(GTK_SPINNER(models->spinner));
}

// --- the selected model ---

static const GanCatalogueEntry *selected(const Models *models)
{
    GtkTreeIter iter;
    GtkTreeModel *store = NULL;
    GtkTreeSelection *selection = gtk_tree_view_get_selection(GTK_TREE_VIEW(models->list));
    const GanCatalogueEntry *entry = NULL;
    if (gtk_tree_selection_get_selected(selection, &store, &iter))
        gtk_tree_model_get(store, &iter, COLUMN_ENTRY, &entry, -1);
    return entry;
}

// What the list has no room for. The licence's text is elsewhere unless it lies beside the file.
static char *tell(const GanCatalogueEntry *entry)
{
    GString *text = g_string_new(NULL);
    g_autofree char *path = g_filename_display_name(entry->path);
    if (entry->problem != NULL)
        g_string_append_printf(text, _("This file cannot be used: %s"), entry->problem);
    else
        g_string_append_printf(text, "%s, ×%g", entry->title, entry->scale);
    g_autofree char *words = entries_good_for_text(entry);
    if (words != NULL) {
        g_string_append_c(text, '\n');
        // Translators: %s is a list of words such as "photographs, JPEG".
        g_string_append_printf(text, _("Good for: %s"), words);
    }
    g_string_append_printf(text, "\n%s\n", path);
    if (entry->licence != NULL) {
        g_autofree char *licence = entries_licence_text(entry);
        g_string_append_printf(text, _("Licence: %s\n"), licence);
        if (strchr(entry->licence, ' ') == NULL)
            g_string_append_printf(text, "https://spdx.org/licenses/%s.html\n", entry->licence);
    } else {
        g_string_append(text, _("Licence: not known. Ask where the file comes from before you "
                                "publish or sell what it makes.\n"));
    }
    if (entry->sha256 != NULL)
        g_string_append_printf(text, "SHA-256: %s\n", entry->sha256);
    g_autofree char *card = entry->problem == NULL ? gan_catalogue_card(entry->path) : g_strdup("");
    if (card[0] != 0)
        g_string_append_printf(text, "\n%s", card);
    return g_string_free(text, FALSE);
}

static void on_selected(GtkTreeSelection *selection, gpointer data)
{
    Models *models = data;
    const GanCatalogueEntry *entry = selected(models);
    g_autofree char *text = entry != NULL ? tell(entry) : NULL;
    if (text == NULL && models->entries != NULL && models->entries->len == 0)
        text = g_strdup(_("There are no models yet. A model is a .pth or .safetensors file: for "
                          "example realesr-animevideov3.pth or RealESRGAN_x4plus.pth from the "
                          "releases of https://github.com/xinntao/Real-ESRGAN, or one of the many "
                          "at https://openmodeldb.info. Drop it here, or use Import."));
    gtk_text_buffer_set_text(gtk_text_view_get_buffer(GTK_TEXT_VIEW(models->told)),
                             text != NULL ? text : "", -1);
    gtk_widget_set_sensitive(models->remove, entry != NULL && entries_is_own(entry));
}

// --- the list ---

static void add_entry(Models *models, const GanCatalogueEntry *entry)
{
    g_autofree char *scale = entries_scale_text(entry);
    g_autofree char *size = quantity_bytes(entry->bytes);
    g_autofree char *words = entries_good_for_text(entry);
    const char *good_for = words != NULL ? words : entry->problem == NULL ? _("not known") : "";
    g_autofree char *licence =
        entry->problem != NULL ? g_strdup(_("cannot be used")) : entries_licence_text(entry);
    const char *folder = entries_is_own(entry) ? _("your own") : _("the system's");
    GtkTreeIter iter;
    gtk_list_store_append(models->store, &iter);
    gtk_list_store_set(models->store, &iter, COLUMN_ENTRY, entry, COLUMN_NAME, entry->name,
                       COLUMN_SCALE, scale, COLUMN_GOOD_FOR, good_for, COLUMN_FAMILY,
                       gan_family_title(entry->family), COLUMN_SIZE, size, COLUMN_LICENCE, licence,
                       COLUMN_FOLDER, folder, COLUMN_WORKS, entry->problem == NULL, -1);
    if (models->select == NULL || strcmp(models->select, entry->name) == 0) {
        gtk_tree_selection_select_iter(gtk_tree_view_get_selection(GTK_TREE_VIEW(models->list)),
                                       &iter);
        // Only the first, where none is asked for.
        if (models->select == NULL)
            models->select = g_strdup(entry->name);
    }
}

static void on_loaded(GPtrArray *entries, const char *problem, gpointer data)
{
    Models *models = data;
    set_busy(models, FALSE);
    if (problem != NULL)
        notice_say(models->notice, problem, FALSE);
    gtk_list_store_clear(models->store);
    g_clear_pointer(&models->entries, g_ptr_array_unref);
    models->entries = g_ptr_array_ref(entries);
    for (guint i = 0; i < entries->len; i++)
        add_entry(models, g_ptr_array_index(entries, i));
    g_clear_pointer(&models->select, g_free);
    on_selected(NULL, models);
}

static void load(Models *models)
{
    set_busy(models, TRUE);
    entries_load(models->worker, on_loaded, models);
}

// --- import ---

static char *name_of_file(const char *file)
{
    g_autofree char *base = g_path_get_basename(file);
    return g_filename_display_name(base);
}

static void import_run(WorkerJob *job, Session *session, gpointer data)
{
    Import *import = data;
    for (char **file = import->files; *file != NULL; file++) {
        const GanImport how = {.dtype = GAN_DTYPE_OTHER, .overwrite = import->overwrite};
        g_autoptr(GError) error = NULL;
        g_autoptr(GanModel) model = gan_catalogue_import(*file, &how, NULL, &error);
        if (model != NULL) {
            g_autofree char *name = name_of_file(gan_weights_path(gan_model_weights(model)));
            g_free(import->name);
            import->name = g_strndup(name, strlen(name) - strlen(".safetensors"));
        } else if (g_error_matches(error, GAN_ERROR, GAN_ERROR_EXISTS)) {
            g_ptr_array_add(import->taken, g_strdup(*file));
        } else {
            // Most messages name the file already.
            g_autofree char *name = name_of_file(*file);
            const gboolean named = strstr(error->message, name) != NULL;
            g_string_append_printf(import->problems, "%s%s%s%s",
                                   import->problems->len > 0 ? "\n" : "", named ? "" : name,
                                   named ? "" : ": ", error->message);
        }
    }
}

static void import_start(Models *models, char **files, gboolean overwrite);

static gboolean ask(Models *models, const char *question, const char *explanation,
                    const char *action)
{
    GtkWidget *message =
        gtk_message_dialog_new(GTK_WINDOW(models->window), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION,
                               GTK_BUTTONS_NONE, "%s", question);
    gtk_message_dialog_format_secondary_text(GTK_MESSAGE_DIALOG(message), "%s", explanation);
    gtk_window_set_title(GTK_WINDOW(message), _("Models"));
    gtk_dialog_add_buttons(GTK_DIALOG(message), _("_Cancel"), GTK_RESPONSE_CANCEL, action,
                           GTK_RESPONSE_OK, NULL);
    toolkit_button_order(message, (const gint[]){GTK_RESPONSE_OK, GTK_RESPONSE_CANCEL}, 2);
    const gboolean yes = gtk_dialog_run(GTK_DIALOG(message)) == GTK_RESPONSE_OK;
    gtk_widget_destroy(message);
    return yes;
}

static void ask_to_replace(Models *models, const GPtrArray *taken)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < taken->len; i++) {
        g_autofree char *name = name_of_file(g_ptr_array_index(taken, i));
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", name);
    }
    if (!ask(models, _("Replace what is there?"), names->str, _("_Replace")))
        return;
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < taken->len; i++)
        g_ptr_array_add(files, g_strdup(g_ptr_array_index(taken, i)));
    g_ptr_array_add(files, NULL);
    import_start(models, (char **)files->pdata, TRUE);
}

static void import_done(gpointer data)
{
    Import *import = data;
    Models *models = import->models;
    notice_say(models->notice, import->problems->len > 0 ? import->problems->str : NULL, FALSE);
    g_free(models->select);
    models->select = g_strdup(import->name);
    load(models);
    if (import->taken->len > 0)
        ask_to_replace(models, import->taken);
}

static void import_free(gpointer data)
{
    Import *import = data;
    g_strfreev(import->files);
    g_string_free(import->problems, TRUE);
    g_ptr_array_unref(import->taken);
    g_free(import->name);
    g_free(import);
}

static void import_start(Models *models, char **files, gboolean overwrite)
{
    static const WorkerWork work = {import_run, NULL, import_done, import_free};
    Import *import = g_new0(Import, 1);
    import->models = models;
    import->files = g_strdupv(files);
    import->overwrite = overwrite;
    import->problems = g_string_new(NULL);
    import->taken = g_ptr_array_new_with_free_func(g_free);
    notice_say(models->notice, NULL, FALSE);
    set_busy(models, TRUE);
    worker_post(models->worker, WORKER_FILES, &work, import);
}

static void on_import(GtkWidget *button, gpointer data)
{
    Models *models = data;
    GtkWidget *chooser = gtk_file_chooser_dialog_new(
        _("Import models"), GTK_WINDOW(models->window), GTK_FILE_CHOOSER_ACTION_OPEN, _("_Cancel"),
        GTK_RESPONSE_CANCEL, _("_Import"), GTK_RESPONSE_OK, NULL);
    // What was fetched lies there, rather than among the files used last.
    const char *downloads = g_get_user_special_dir(G_USER_DIRECTORY_DOWNLOAD);
    gtk_file_chooser_set_current_folder(GTK_FILE_CHOOSER(chooser),
                                        downloads != NULL ? downloads : g_get_home_dir());
    gtk_file_chooser_set_select_multiple(GTK_FILE_CHOOSER(chooser), TRUE);
    gtk_dialog_set_default_response(GTK_DIALOG(chooser), GTK_RESPONSE_OK);
    toolkit_button_order(chooser, (const gint[]){GTK_RESPONSE_OK, GTK_RESPONSE_CANCEL}, 2);
    GtkFileFilter *weights = gtk_file_filter_new();
    gtk_file_filter_set_name(weights, _("Weight files (.pth, .pt, .ckpt, .bin, .safetensors)"));
    static const char *const patterns[] = {"*.pth", "*.pt", "*.ckpt", "*.bin", "*.safetensors"};
    for (guint i = 0; i < G_N_ELEMENTS(patterns); i++)
        gtk_file_filter_add_pattern(weights, patterns[i]);
    GtkFileFilter *all = gtk_file_filter_new();
    gtk_file_filter_set_name(all, _("All files"));
    gtk_file_filter_add_pattern(all, "*");
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), weights);
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), all);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    if (gtk_dialog_run(GTK_DIALOG(chooser)) == GTK_RESPONSE_OK) {
        GSList *chosen = gtk_file_chooser_get_filenames(GTK_FILE_CHOOSER(chooser));
        for (GSList *link = chosen; link != NULL; link = link->next)
            g_ptr_array_add(files, link->data);
        g_slist_free(chosen);
    }
    gtk_widget_destroy(chooser);
    if (files->len == 0)
        return;
    g_ptr_array_add(files, NULL);
    import_start(models, (char **)files->pdata, FALSE);
}

static void on_dropped(GtkWidget *widget, GdkDragContext *context, gint x, gint y,
                       GtkSelectionData *dropped, guint info, guint time, gpointer data)
{
    Models *models = data;
    g_auto(GStrv) uris = gtk_selection_data_get_uris(dropped);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    for (char **uri = uris; uri != NULL && *uri != NULL; uri++) {
        char *file = g_filename_from_uri(*uri, NULL, NULL);
        if (file != NULL)
            g_ptr_array_add(files, file);
    }
    gtk_drag_finish(context, files->len > 0, FALSE, time);
    if (files->len == 0) {
        notice_say(models->notice, _("Only files of this machine can be imported."), FALSE);
        return;
    }
    g_ptr_array_add(files, NULL);
    import_start(models, (char **)files->pdata, FALSE);
}

// --- remove, open ---

static void on_remove(GtkWidget *button, gpointer data)
{
    Models *models = data;
    const GanCatalogueEntry *entry = selected(models);
    if (entry == NULL || !entries_is_own(entry))
        return;
    g_autofree char *path = g_strdup(entry->path);
    g_autofree char *shown = g_filename_display_name(path);
    g_autofree char *question = g_strdup_printf(_("Remove the model '%s'?"), entry->name);
    g_autofree char *explanation = g_strdup_printf(_("The file %s is deleted."), shown);
    if (!ask(models, question, explanation, _("_Remove")))
        return;
    notice_say(models->notice, NULL, FALSE);
    if (g_remove(path) != 0) {
        g_autofree char *problem =
            g_strdup_printf(_("%s cannot be deleted: %s"), shown, g_strerror(errno));
        notice_say(models->notice, problem, FALSE);
    }
    load(models);
}

static void on_open(GtkWidget *button, gpointer data)
{
    Models *models = data;
    g_autofree char *folder = gan_catalogue_user_folder();
    g_autofree char *shown = g_filename_display_name(folder);
    g_mkdir_with_parents(folder, 0777);
    g_autoptr(GError) error = NULL;
    g_autofree char *uri = g_filename_to_uri(folder, NULL, &error);
    if (uri != NULL && g_app_info_launch_default_for_uri(uri, NULL, &error))
        return;
    g_autofree char *problem =
        g_strdup_printf(_("The folder %s cannot be shown: %s"), shown, error->message);
    notice_say(models->notice, problem, FALSE);
}

// --- the window ---

static void add_column(Models *models, const char *title, int column, gboolean grow)
{
    GtkCellRenderer *cell = gtk_cell_renderer_text_new();
    GtkTreeViewColumn *shown = gtk_tree_view_column_new_with_attributes(
        title, cell, "text", column, "sensitive", COLUMN_WORKS, NULL);
    gtk_tree_view_column_set_expand(shown, grow);
    gtk_tree_view_column_set_resizable(shown, TRUE);
    if (grow)
        g_object_set(cell, "ellipsize", PANGO_ELLIPSIZE_MIDDLE, "width-chars", 24, NULL);
    gtk_tree_view_append_column(GTK_TREE_VIEW(models->list), shown);
}

static GtkWidget *in_scrolled(GtkWidget *child, gint width, gint height)
{
    GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
    gtk_widget_set_size_request(scrolled, width, height);
    gtk_container_add(GTK_CONTAINER(scrolled), child);
    return scrolled;
}

static GtkWidget *make_list(Models *models)
{
    models->store = gtk_list_store_new(N_COLUMNS, G_TYPE_POINTER, G_TYPE_STRING, G_TYPE_STRING,
                                       G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                                       G_TYPE_STRING, G_TYPE_BOOLEAN);
    models->list = gtk_tree_view_new_with_model(GTK_TREE_MODEL(models->store));
    g_object_unref(models->store);
    add_column(models, _("Name"), COLUMN_NAME, TRUE);
    add_column(models, _("Scale"), COLUMN_SCALE, FALSE);
    add_column(models, _("Good for"), COLUMN_GOOD_FOR, FALSE);
    add_column(models, _("Licence"), COLUMN_LICENCE, FALSE);
    add_column(models, _("Family"), COLUMN_FAMILY, FALSE);
    add_column(models, _("Size"), COLUMN_SIZE, FALSE);
    add_column(models, _("Folder"), COLUMN_FOLDER, FALSE);
    gtk_tree_view_set_search_column(GTK_TREE_VIEW(models->list), COLUMN_NAME);
    g_signal_connect(gtk_tree_view_get_selection(GTK_TREE_VIEW(models->list)), "changed",
                     G_CALLBACK(on_selected), models);
    return in_scrolled(models->list, WIDTH, 200);
}

static GtkWidget *make_told(Models *models)
{
    models->told = gtk_text_view_new();
    gtk_text_view_set_editable(GTK_TEXT_VIEW(models->told), FALSE);
    gtk_text_view_set_cursor_visible(GTK_TEXT_VIEW(models->told), FALSE);
    gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(models->told), GTK_WRAP_WORD_CHAR);
    gtk_text_view_set_left_margin(GTK_TEXT_VIEW(models->told), 6);
    gtk_text_view_set_right_margin(GTK_TEXT_VIEW(models->told), 6);
    // Tab goes on to the next widget.
    gtk_text_view_set_accepts_tab(GTK_TEXT_VIEW(models->told), FALSE);
    // Files that are dropped here are for the window; a text view would refuse them. It asks for
    // text again when it gets its buffer, so not before that.
    gtk_text_view_get_buffer(GTK_TEXT_VIEW(models->told));
    gtk_drag_dest_unset(models->told);
    return in_scrolled(models->told, WIDTH, 140);
}

static GtkWidget *add_button(GtkWidget *box, const char *label, const char *tooltip,
                             GCallback clicked, Models *models)
{
    GtkWidget *button = gtk_button_new_with_mnemonic(label);
    gtk_widget_set_tooltip_text(button, tooltip);
    g_signal_connect(button, "clicked", clicked, models);
    gtk_box_pack_start(GTK_BOX(box), button, FALSE, FALSE, 0);
    return button;
}

static GtkWidget *make_buttons(Models *models)
{
    GtkWidget *box = toolkit_box(GTK_ORIENTATION_HORIZONTAL, 6);
    add_button(box, _("_Import…"),
               _("Add weight files (.pth, .safetensors) to your models; dropping them on the "
                 "window does the same. No code in them is run."),
               G_CALLBACK(on_import), models);
    models->remove = add_button(box, _("_Remove…"), _("Delete the model's file from your folder"),
                                G_CALLBACK(on_remove), models);
    add_button(box, _("_Open Folder"), _("Show the folder of your own models"), G_CALLBACK(on_open),
               models);
    models->spinner = gtk_spinner_new();
    gtk_box_pack_end(GTK_BOX(box), models->spinner, FALSE, FALSE, 0);
    return box;
}

// Called with the window.
static void show_help(const gchar *help_id, gpointer window)
{
    help_show(GTK_WINDOW(window), _("Models"),
              _("Lists, imports and removes the models that the other items work with"),
              _("A model is a .pth or .safetensors file: for example realesr-animevideov3.pth or "
                "RealESRGAN_x4plus.pth from the releases of "
                "https://github.com/xinntao/Real-ESRGAN, or one of the many at "
                "https://openmodeldb.info. Drop it here, or use Import."));
}

static void make_window(Models *models, GtkWindow *parent)
{
    models->window =
        gimp_dialog_new(_("Models"), "gimp-gan-models", NULL, (GtkDialogFlags)0, show_help,
                        "plug-in-gan-models", _("_Close"), GTK_RESPONSE_CLOSE, NULL);
    gtk_window_set_icon_name(GTK_WINDOW(models->window), "gimp-gan");
    if (parent != NULL)
        gtk_window_set_transient_for(GTK_WINDOW(models->window), parent);
    else
        gimp_window_set_transient(GTK_WINDOW(models->window));
    GtkWidget *content = toolkit_box(GTK_ORIENTATION_VERTICAL, 12);
    gtk_container_set_border_width(GTK_CONTAINER(content), 12);
    models->notice = notice_new(WIDTH, NULL);
    gtk_box_pack_start(GTK_BOX(content), models->notice, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), make_list(models), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(content), make_buttons(models), FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(content), make_told(models), TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(models->window))), content,
                       TRUE, TRUE, 0);
    gtk_widget_show_all(content);
    gtk_drag_dest_set(models->window, GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
    gtk_drag_dest_add_uri_targets(models->window);
    g_signal_connect(models->window, "drag-data-received", G_CALLBACK(on_dropped), models);
}

void models_run(GtkWindow *parent)
{
    Models models = {0};
    make_window(&models, parent);
    models.worker = worker_new(GAN_TASK_ANY);
    load(&models);
    gimp_dialog_run(GIMP_DIALOG(models.window));
    gtk_widget_hide(models.window);
    while (gtk_events_pending())
        gtk_main_iteration();
    worker_free(models.worker);
    gtk_widget_destroy(models.window);
    g_clear_pointer(&models.entries, g_ptr_array_unref);
    g_free(models.select);
}

void dialog_models(void)
{
    toolkit_init();
    models_run(NULL);
}
