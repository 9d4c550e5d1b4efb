// SPDX-License-Identifier: LGPL-3.0-or-later
// What the declarations of all menu items keep to.
#include "dialog/dialog.h"

#include <string.h>

// The list of tasks holds its address.
void dialog_models(void)
{
    g_assert_not_reached();
}

// The letter that opens it with Alt; 0: none.
static char letter_of(const char *label)
{
    const char *mark = strchr(label, '_');
    return mark != NULL ? g_ascii_toupper(mark[1]) : 0;
}

static void take(const Task *task, char *taken, const char *label)
{
    const char letter = letter_of(label);
    if (letter == 0 || strchr(taken, letter) != NULL)
        g_error("%s: '%s' has no letter of its own; taken are %s", task->name, label, taken);
    taken[strlen(taken)] = letter;
}

// The last one in a dialog would get the focus, but do nothing, where two share a letter.
static void test_letters(void)
{
    // Reset, Cancel, Help, Models…, Advanced, Original.
    static const char *const frame = "RCHDAG";
    for (const Task *const *task = tasks_all(); *task != NULL; task++) {
        char taken[64] = "";
        if ((*task)->window != NULL)
            continue;
        memcpy(taken, frame, strlen(frame));
        take(*task, taken, (*task)->label);
        for (guint i = 0; i < (*task)->n_arguments; i++) {
            const Argument *argument = &(*task)->arguments[i];
            if (argument->look != ARGUMENT_HIDDEN)
                take(*task, taken, argument->label);
            if (argument->kind == ARGUMENT_SEED)
                take(*task, taken, "_New Seed");
            if (argument->look == ARGUMENT_LEVEL) {
                take(*task, taken, "_Noise level:");
                take(*task, taken, "JPEG _quality:");
                take(*task, taken, "Aut_omatic");
            }
        }
    }
}

static void test_needs(void)
{
    for (const Task *const *task = tasks_all(); *task != NULL; task++) {
        gboolean has_scope = FALSE;
        for (guint i = 0; i < (*task)->n_arguments; i++)
            has_scope = has_scope || strcmp((*task)->arguments[i].name, "scope") == 0;
        g_test_message("%s", (*task)->name);
        g_assert_true(((*task)->window != NULL) != ((*task)->work != NULL));
        if ((*task)->from_nothing) {
            g_assert_nonnull((*task)->size);
            g_assert_null((*task)->reach);
            g_assert_false(has_scope);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tasks/letters-of-a-dialog-are-taken-once", test_letters);
    g_test_add_func("/tasks/what-needs-no-image-says-its-size-and-has-no-scope", test_needs);
    return g_test_run();
}
