// SPDX-License-Identifier: LGPL-3.0-or-later
// Profiles of LittleCMS as a file has them; for the parts of a build that has LittleCMS.
#ifndef GAN_LCMSBYTES_H
#define GAN_LCMSBYTES_H

#include <glib.h>
#include <lcms2.h>

// Returns the bytes of a profile, which it closes; NULL: LittleCMS cannot write it, or it is NULL.
// Owner:   the caller.
GBytes *gan_lcms_bytes(cmsHPROFILE profile);

#endif
