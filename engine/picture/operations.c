// SPDX-License-Identifier: LGPL-3.0-or-later
// GEGL's loaders and savers, loaded one module at a time and run without noise on the terminal.
//
// gegl_init() opens every module with all the libraries behind them (video, PDF, SVG …), 0.14 s
// of which 0.06 s remain when only those needed are opened. GEGL has no function for one module,
// but a module is a GTypeModule with a known entry point, and registering its types is all that
// GEGL does itself.
#include "operations.h"

#include <gmodule.h>
#include <string.h>

#define MODULE_TYPE (module_get_type())

typedef struct {
    GTypeModule parent;
    char *path;
    GModule *library;
} Module;

typedef struct {
    GTypeModuleClass parent;
} ModuleClass;

static GType module_get_type(void);
G_DEFINE_TYPE(Module, module, G_TYPE_TYPE_MODULE)

static gboolean module_load(GTypeModule *type_module)
{
    Module *module = (Module *)type_module;
    gpointer entry = NULL;
    module->library = g_module_open(module->path, G_MODULE_BIND_LAZY);
    if (!module->library)
        return FALSE;
    if (!g_module_symbol(module->library, "gegl_module_register", &entry)) {
        g_module_close(module->library);
        return FALSE;
    }
    return ((gboolean(*)(GTypeModule *))entry)(type_module);
}

static void module_class_init(ModuleClass *klass)
{
    G_TYPE_MODULE_CLASS(klass)->load = module_load;
}

static void module_init(Module *module)
{
}

gboolean gan_operation_has_module(const char *module)
{
    g_autofree char *file = g_strconcat(module, "." G_MODULE_SUFFIX, NULL);
    g_autofree char *path = g_build_filename(GEGL_MODULES, file, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

// Makes sure that GEGL knows `operation`. A module once used stays for the life of the process,
// because its types do.
static gboolean operation_need(const char *operation, const char *name)
{
    if (gegl_has_operation(operation))
        return TRUE;
    g_autofree char *file = g_strconcat(name, "." G_MODULE_SUFFIX, NULL);
    Module *module = g_object_new(MODULE_TYPE, NULL);
    module->path = g_build_filename(GEGL_MODULES, file, NULL);
    g_type_module_set_name(G_TYPE_MODULE(module), module->path);
    if (g_type_module_use(G_TYPE_MODULE(module)) && gegl_has_operation(operation))
        return TRUE;
    gegl_load_module_directory(GEGL_MODULES);
    return gegl_has_operation(operation);
}

static gpointer operations_init_once(gpointer data)
{
    // What does not fit is swapped. Packing photographs hardly makes them smaller, but takes longer
    // than writing and reading them.
    g_object_set(gegl_config(), "use-opencl", FALSE, "tile-cache-size", (guint64)192 << 20,
                 "swap-compression", "none", NULL);
    if (GPOINTER_TO_UINT(data) > 0)
        g_object_set(gegl_config(), "threads", (int)GPOINTER_TO_UINT(data), NULL);
    // GEGL asks the environment where its modules are; a user's own answer stays. Ours stays set as
    // well, because taking it back beside GEGL's new threads would not be safe.
    g_autofree char *common = g_build_filename(GEGL_MODULES, "gegl-common." G_MODULE_SUFFIX, NULL);
    if (g_getenv("GEGL_PATH") == NULL && g_file_test(common, G_FILE_TEST_EXISTS))
        g_setenv("GEGL_PATH", GEGL_MODULES "/none", TRUE);
    gegl_init(NULL, NULL);
    return NULL;
}

static GOnce operations_once = G_ONCE_INIT;

void gan_operations_init(guint n_threads)
{
    g_once(&operations_once, operations_init_once, GUINT_TO_POINTER(n_threads));
}

// GEGL's loaders report trouble by g_warning() and g_printerr() only; while one runs, both end
// here. The handlers are the process's, hence one operation at a time.
static GMutex messages_lock;
static GString *messages_now;

static void take_line(const gchar *line)
{
    g_autofree char *text = g_strstrip(g_strdup(line));
    // That an unreadable file has no pixels is no news.
    // Nor is what was said before.
    if (*text && !strstr(text, "processing 0px") && !strstr(messages_now->str, text))
        g_string_append_printf(messages_now, "%s%s", messages_now->len > 0 ? "; " : "", text);
}

static void take_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
    if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
        take_line(message);
}

// Processes a graph up to `node`, or ends GEGL when it is NULL.
static void run_quietly(GeglNode *node, GString *messages)
{
    g_mutex_lock(&messages_lock);
    messages_now = messages;
    const GLogFunc log = g_log_set_default_handler(take_log, NULL);
    const GPrintFunc print = g_set_print_handler(take_line);
    const GPrintFunc printerr = g_set_printerr_handler(take_line);
    if (node)
        gegl_node_process(node);
    else
        gegl_exit();
    g_log_set_default_handler(log, NULL);
    g_set_print_handler(print);
    g_set_printerr_handler(printerr);
    messages_now = NULL;
    g_mutex_unlock(&messages_lock);
}

void gan_operations_exit(void)
{
    // GEGL cannot end before it has begun.
    if (operations_once.status != G_ONCE_STATUS_READY)
        return;
    // GEGL's swap warns of tiles that were freed a moment before, which nobody can act upon.
    g_autoptr(GString) ignored = g_string_new(NULL);
    run_quietly(NULL, ignored);
}

GeglBuffer *gan_operation_load(const char *operation, const char *module, const char *path,
                               GString *messages)
{
    return gan_operation_load_frame(operation, module, path, -1, messages);
}

GeglBuffer *gan_operation_load_frame(const char *operation, const char *module, const char *path,
                                     gint frame, GString *messages)
{
    if (!operation_need(operation, module) || !operation_need("gegl:buffer-sink", "gegl-common"))
        return NULL;
    GeglBuffer *buffer = NULL;
    g_autoptr(GeglNode) graph = gegl_node_new();
    GeglNode *load = gegl_node_new_child(graph, "operation", operation, "path", path, NULL);
    if (frame >= 0)
        gegl_node_set(load, "frame", frame, NULL);
    GeglNode *sink =
        gegl_node_new_child(graph, "operation", "gegl:buffer-sink", "buffer", &buffer, NULL);
    gegl_node_link(load, sink);
    run_quietly(sink, messages);
    return buffer;
}

gboolean gan_operation_save(const char *operation, const char *module, GeglBuffer *buffer,
                            const char *path, const char *const *properties, const int *values,
                            guint n, GString *messages)
{
    if (!operation_need(operation, module) || !operation_need("gegl:buffer-source", "gegl-common"))
        return FALSE;
    g_autoptr(GeglNode) graph = gegl_node_new();
    GeglNode *source =
        gegl_node_new_child(graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
    GeglNode *save = gegl_node_new_child(graph, "operation", operation, "path", path, NULL);
    for (guint i = 0; i < n; i++)
        gegl_node_set(save, properties[i], values[i], NULL);
    gegl_node_link(source, save);
    run_quietly(save, messages);
    return TRUE;
}
