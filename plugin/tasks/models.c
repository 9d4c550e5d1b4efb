// SPDX-License-Identifier: LGPL-3.0-or-later
// Models…: the window that lists, imports and removes weight files.
#include "../task.h"

#include "../dialog/dialog.h"
#include <glib/gi18n-lib.h>

const Task task_models = {
    .name = "models",
    // GIMP sorts a menu by its letters, and this one is to stand last.
    .label = N_("_Weights and Models…"),
    .title = N_("Models"),
    .blurb = N_("Lists, imports and removes the models that the other items work with"),
    .help =
        N_("Opens a window with the weight files of this machine: what each is good for, its scale "
           "and its licence. Files (.pth, .safetensors) are added by choosing them or by dropping "
           "them on the window."),
    .icon = "gimp-images",
    .window = dialog_models,
};
