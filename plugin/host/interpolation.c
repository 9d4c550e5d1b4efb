// SPDX-License-Identifier: LGPL-3.0-or-later
// What GIMP scales by. Compiled with each version of libgimp: the names are the same.
#include "pdb.h"

#include <libgimp/gimp.h>

static GimpInterpolationType interpolation_type(HostInterpolation interpolation)
{
    switch (interpolation) {
    case HOST_INTERPOLATION_NONE:
        return GIMP_INTERPOLATION_NONE;
    case HOST_INTERPOLATION_LINEAR:
        return GIMP_INTERPOLATION_LINEAR;
    case HOST_INTERPOLATION_CUBIC:
        return GIMP_INTERPOLATION_CUBIC;
    case HOST_INTERPOLATION_NOHALO:
        return GIMP_INTERPOLATION_NOHALO;
    case HOST_INTERPOLATION_LOHALO:
        return GIMP_INTERPOLATION_LOHALO;
    }
    g_return_val_if_reached(GIMP_INTERPOLATION_CUBIC);
}

void pdb_push_interpolation(HostInterpolation interpolation)
{
    gimp_context_push();
    gimp_context_set_interpolation(interpolation_type(interpolation));
}

void pdb_pop_interpolation(void)
{
    gimp_context_pop();
}
