// SPDX-License-Identifier: LGPL-3.0-or-later
// Tests inside GIMP 3: a plug-in of their own, whose procedure "gan-test" runs one group of
// GLib's tests and writes its exit status, as the only sign that it came to the end, into
// the file TEST_FOLDER/status.
#include "../gimp2/support.h"
#include "own.h"

G_DECLARE_FINAL_TYPE(Tests, tests, GAN, TESTS, GimpPlugIn)

struct _Tests {
    GimpPlugIn parent_instance;
};

G_DEFINE_TYPE(Tests, tests, GIMP_TYPE_PLUG_IN)
GIMP_MAIN(tests_get_type())

static const struct {
    const char *name;
    void (*add)(void);
} groups[] = {
    {"pixels", test_add_pixels},   {"geometry", test_add_geometry},
    {"calls", test_add_calls},     {"own-calls", test_add_own_calls},
    {"cancel", test_add_cancel},   {"large", test_add_large},
    {"tasks", test_add_tasks},     {"from-nothing", test_add_from_nothing},
    {"effects", test_add_effects}, {"thumbnail", test_add_thumbnail},
    {"drawn", test_add_drawn},
};

static GimpValueArray *run(GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
    char *words[] = {(char *)"gan-test", NULL};
    char **argv = words;
    int argc = 1;
    g_autofree char *group = NULL;
    g_object_get(config, "group", &group, NULL);
    gan_image_init(0);
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (g_str_equal(groups[i].name, group))
            groups[i].add();
    }
    g_autofree char *path = test_path("status");
    g_autofree char *text = g_strdup_printf("%d\n", g_test_run());
    g_file_set_contents(path, text, -1, NULL);
    return gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);
}

static GList *tests_query_procedures(GimpPlugIn *plug_in)
{
    return g_list_append(NULL, g_strdup("gan-test"));
}

static GimpProcedure *tests_create_procedure(GimpPlugIn *plug_in, const char *name)
{
    GimpProcedure *procedure =
        gimp_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);
    gimp_procedure_set_documentation(procedure, "Runs tests", "", name);
    gimp_procedure_add_string_argument(procedure, "group", "Group", "The group of tests", "",
                                       G_PARAM_READWRITE);
    return procedure;
}

static void tests_class_init(TestsClass *class)
{
    GimpPlugInClass *plug_in = GIMP_PLUG_IN_CLASS(class);
    plug_in->query_procedures = tests_query_procedures;
    plug_in->create_procedure = tests_create_procedure;
    plug_in->set_i18n = NULL;
}

static void tests_init(Tests *tests)
{
}
