// SPDX-License-Identifier: LGPL-3.0-or-later
// From the numbers of a file with an ICC profile to colours, and back.
//
// A profile that is a matrix with curves becomes the Babl space of the buffer. Numbers of one that is a
// table ("LUT") are converted by LittleCMS, and back where the table tells how (table.h); where it
// cannot be used they are taken as sRGB, and the new file gets the same profile. Numbers of HDR curves
// (PQ, HLG) go by the name of sRGB's, too: a network sees them as they are.
#include "colours.h"

#include "greyprofile.h"
#include "notes.h"
#include "profile.h"
#include "spaces.h"
#include "table.h"
#include <gan/image.h>

const Babl *gan_colours_space(GBytes *profile, gboolean *no_room)
{
    gsize n;
    const char *data = g_bytes_get_data(profile, &n);
    GanCicp cicp;
    if (no_room)
        *no_room = FALSE;
    if (n < 128 || n > G_MAXINT)
        return NULL;
    if (gan_profile_hdr(profile, &cicp))
        return babl_space("sRGB");
    return gan_profile_is_table(profile) ? NULL : gan_space_from_icc(data, n, no_room);
}

const Babl *gan_image_nearest_space(const void *icc, gsize n)
{
    g_autoptr(GBytes) profile = g_bytes_new(icc, n);
    return gan_profile_is_table(profile) ? gan_table_space(profile) : NULL;
}

static gboolean has_flag(const Babl *format, BablModelFlag flag)
{
    return (babl_get_model_flags(babl_format_get_model(format)) & flag) != 0;
}

GeglBuffer *gan_colours_apply(GeglBuffer *buffer, GBytes *profile, GPtrArray *notes)
{
    gboolean no_room;
    const Babl *space = gan_colours_space(profile, &no_room);
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean grey = has_flag(format, BABL_MODEL_FLAG_GRAY);
    if (space ? babl_space_is_cmyk(space) || (babl_space_is_gray(space) && !grey)
              : gan_profile_is_for(profile, "CMYK") ||
                    (gan_profile_is_for(profile, "GRAY") && !grey)) {
        gan_note(notes, "the colour profile is for another kind of picture and is not used");
        return g_object_ref(buffer);
    }
    const Babl *own = space ? space : babl_space("sRGB");
    if (babl_format_get_space(format) != own)
        gegl_buffer_set_format(buffer,
                               babl_format_with_space(babl_format_get_encoding(format), own));
    GeglBuffer *read =
        !space && gan_table_is_usable(profile) ? gan_table_read(profile, buffer) : NULL;
    const gboolean kept = gan_profile_is_for(profile, grey ? "GRAY" : "RGB ");
    if (no_room)
        gan_note(notes, "%s%s", GAN_NO_ROOM,
                 kept ? ", and its profile is kept in the new file" : "");
    else if (!space && !read)
        gan_note(notes, "the colour profile is %s, which is not used: numbers are taken as sRGB%s",
                 gan_profile_is_table(profile) ? "a table" : "damaged or of an unknown kind",
                 kept ? ", and the profile is kept in the new file" : "");
    return read ? read : g_object_ref(buffer);
}

GeglBuffer *gan_colours_back(GeglBuffer *buffer, gboolean grey_fits, const GanOrigin *origin,
                             GPtrArray *notes)
{
    const Babl *format = gegl_buffer_get_format(buffer);
    const gboolean grey = has_flag(format, BABL_MODEL_FLAG_GRAY);
    GBytes *profile = origin ? origin->profile : NULL;
    GanCicp cicp;
    if (!profile || gan_profile_hdr(profile, &cicp) || !gan_profile_is_table(profile) ||
        !gan_table_is_usable(profile))
        return NULL;
    GeglBuffer *back = grey == gan_profile_is_for(profile, "GRAY") && (grey_fits || !grey) &&
                               gan_table_goes_back(profile)
                           ? gan_table_write(profile, buffer, gan_origin_has_bytes(origin))
                           : NULL;
    if (!back)
        gan_note(notes,
                 "the colour profile is a table that leads from its numbers to colours only: the "
                 "new file has the same colours with another profile (%s)",
                 babl_get_name(babl_format_get_space(format)));
    return back;
}

// What Babl writes for a space; NULL for plain sRGB.
static GBytes *profile_of_space(const Babl *space)
{
    int length = 0;
    const char *icc = space != babl_space("sRGB") ? babl_space_get_icc(space, &length) : NULL;
    return icc && length > 0 ? g_bytes_new(icc, (gsize)length) : NULL;
}

GBytes *gan_colours_profile(GeglBuffer *buffer, const GanOrigin *origin)
{
    const Babl *space = babl_format_get_space(gegl_buffer_get_format(buffer));
    const gboolean grey = has_flag(gegl_buffer_get_format(buffer), BABL_MODEL_FLAG_GRAY);
    GBytes *own = origin ? origin->profile : NULL;
    if (own && gan_profile_is_for(own, grey ? "GRAY" : "RGB ")) {
        const Babl *meant = gan_colours_space(own, NULL);
        if (meant ? meant == space : space == babl_space("sRGB") && !gan_table_is_usable(own))
            return g_bytes_ref(own);
    }
    // A profile for colours does not go into a grey picture.
    return grey && space != babl_space("sRGB") && !babl_space_is_gray(space)
               ? gan_grey_profile(space)
               : profile_of_space(space);
}
