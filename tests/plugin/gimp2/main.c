// SPDX-License-Identifier: LGPL-3.0-or-later
// Tests inside GIMP 2.10: a plug-in of their own, whose procedure "gan-test" runs one group
// of GLib's tests and writes its exit status, as the only sign that it came to the end, into
// the file TEST_FOLDER/status.
#include "support.h"

static void query(void)
{
    static const GimpParamDef arguments[] = {
        {GIMP_PDB_INT32, (char *)"run-mode", (char *)"The run mode"},
        {GIMP_PDB_STRING, (char *)"group", (char *)"The group of tests"},
    };
    gimp_install_procedure("gan-test", "Runs tests", "", "", "", "", NULL, NULL, GIMP_PLUGIN,
                           G_N_ELEMENTS(arguments), 0, arguments, NULL);
}

static const struct {
    const char *name;
    void (*add)(void);
} groups[] = {
    {"pixels", test_add_pixels}, {"geometry", test_add_geometry},
    {"calls", test_add_calls},   {"own-calls", test_add_own_calls},
    {"cancel", test_add_cancel}, {"large", test_add_large},
    {"tasks", test_add_tasks},   {"from-nothing", test_add_from_nothing},
};

static void run(const gchar *name, gint n_arguments, const GimpParam *arguments, gint *n_results,
                GimpParam **results)
{
    static GimpParam status = {.type = GIMP_PDB_STATUS};
    char *words[] = {(char *)"gan-test", NULL};
    char **argv = words;
    int argc = 1;
    gan_image_init(0);
    gimp_plugin_enable_precision();
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (g_str_equal(groups[i].name, arguments[1].data.d_string))
            groups[i].add();
    }
    g_autofree char *path = test_path("status");
    g_autofree char *text = g_strdup_printf("%d\n", g_test_run());
    g_file_set_contents(path, text, -1, NULL);
    status.data.d_status = GIMP_PDB_SUCCESS;
    *results = &status;
    *n_results = 1;
}

const GimpPlugInInfo PLUG_IN_INFO = {NULL, NULL, query, run};

MAIN()
