// SPDX-License-Identifier: LGPL-3.0-or-later
// Files made of boxes, and what stands in them beside the picture and its metadata.
// Source:  ISO/IEC 14496-12, 4.2 (boxes), 8.11 (items); 18181-2 (JPEG XL); 15444-1, annex I, and 15444-2,
//          annex M (JPEG 2000); 14496-15, 8.3.2 (HEVC's configuration); AV1 in ISOBMFF 1.2, 2.3.3;
//          21496-1 (gain maps); C2PA 2.1, A.3 to A.5.
#include "boxes.h"

#include "leftover.h"
#include "notes.h"
#include <string.h>

#define UUID_BYTES 16u

static guint64 big(const guint8 *p, guint n)
{
    guint64 x = 0;
    for (guint i = 0; i < n; i++)
        x = x << 8 | p[i];
    return x;
}

gboolean gan_box_next(const guint8 *data, gsize length, gsize *at, GanBox *box)
{
    if (*at > length || length - *at < 8)
        return FALSE;
    const guint8 *start = data + *at;
    const gsize there = length - *at;
    guint64 n = big(start, 4);
    const gsize head = n == 1 ? 16 : 8;
    if (there < head)
        return FALSE;
    if (n == 1)
        n = big(start + 8, 8);
    else if (n == 0) // up to the end
        n = there;
    if (n < head || n > there)
        return FALSE;
    *box = (GanBox){.data = start + head, .length = (gsize)n - head};
    memcpy(box->name, start + 4, 4);
    *at += (gsize)n;
    return TRUE;
}

static gboolean is(const GanBox *box, const char *name)
{
    return strcmp(box->name, name) == 0;
}

// Finds the first box of that name within `*box`, which becomes it; `skip`: bytes before its boxes.
static gboolean enter(GanBox *box, gsize skip, const char *name)
{
    gsize at = skip;
    GanBox inner;
    while (gan_box_next(box->data, box->length, &at, &inner)) {
        if (is(&inner, name)) {
            *box = inner;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean begins(const GanBox *box, gsize at, const void *head, gsize n)
{
    return box->length >= at + n && memcmp(box->data + at, head, n) == 0;
}

// Whether the four letters are one of those between blanks.
static gboolean is_one_of(const guint8 *name, const char *names)
{
    for (; strlen(names) >= 5; names += 5) {
        if (memcmp(name, names, 4) == 0)
            return TRUE;
    }
    return FALSE;
}

// What a box beside the picture is.
typedef enum { BOX_KNOWN, BOX_OTHER, BOX_CREDENTIALS, BOX_GAIN_MAP, BOX_VIDEO, BOX_MAP } Kind;

static Kind kind_of_uuid(const GanBox *box)
{
    static const struct {
        guint8 uuid[UUID_BYTES];
        Kind kind;
    } table[] = {
        {{0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4,
          0x81},
         BOX_CREDENTIALS},
        // EXIF, IPTC and XMP of JPEG 2000, which gexiv2 reads.
        {{'J', 'p', 'g', 'T', 'i', 'f', 'f', 'E', 'x', 'i', 'f', '-', '>', 'J', 'P', '2'},
         BOX_KNOWN},
        {{0x33, 0xc7, 0xa4, 0xd2, 0xb8, 0x1d, 0x47, 0x23, 0xa0, 0xba, 0xf1, 0xa3, 0xe0, 0x97, 0xad,
          0x38},
         BOX_KNOWN},
        {{0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf,
          0xac},
         BOX_KNOWN},
        {{0xb1, 0x4b, 0xf8, 0xbd, 0x08, 0x3d, 0x4b, 0x43, 0xa5, 0xae, 0x8c, 0xd7, 0xd5, 0xa6, 0xce,
          0x03},
         BOX_MAP},
    };
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        if (begins(box, 0, table[i].uuid, UUID_BYTES))
            return table[i].kind;
    }
    return BOX_OTHER;
}

// `known`: names of boxes that are read, or of use to the old pixels only.
static Kind kind_of(const GanBox *box, const char *known)
{
    if (is(box, "uuid"))
        return kind_of_uuid(box);
    if (is(box, "jumb")) // begins with a box that describes it
        return begins(box, 8, "c2pa", 4) ? BOX_CREDENTIALS : BOX_OTHER;
    return is(box, "jhgm")                               ? BOX_GAIN_MAP
           : is(box, "mpvd") || is(box, "moov")          ? BOX_VIDEO
           : is_one_of((const guint8 *)box->name, known) ? BOX_KNOWN
                                                         : BOX_OTHER;
}

// Codings of HEIF, pictures that are made of others, and what is looked at below.
static const char known_items[] =
    "hvc1 hvt1 lhv1 av01 avc1 vvc1 j2k1 jpeg unci grid iovl iden tmap "
    "Exif mime uri  ";

// Properties that are read, or that tell how the old pixels lie.
static const char known_properties[] = "ispe pixi colr hvcC lhvC av1C avcC vvcC j2kH jpgC uncC "
                                       "cmpd auxC auxi irot imir clap rloc lsel "
                                       "a1op a1lx oinf tols free skip ";

// Goes through the list of items of HEIF: pictures, their metadata, and what else there may be.
static void note_items(const GanBox *meta, GString *names, GPtrArray *notes)
{
    GanBox list = *meta, item;
    if (!enter(&list, 4, "iinf") || list.length < 8)
        return;
    gsize at = list.data[0] == 0 ? 6 : 8;
    while (gan_box_next(list.data, list.length, &at, &item)) {
        const gsize type = item.length > 0 && item.data[0] == 3 ? 10 : 8;
        if (!is(&item, "infe") || item.length < type + 4 || item.data[0] < 2)
            continue;
        if (begins(&item, type, "tmap", 4))
            gan_note(notes, "the gain map (HDR) is not carried over");
        if (!is_one_of(item.data + type, known_items))
            gan_leftover_add_name(names, item.data + type, 4);
        // Its name, then the kind of its contents.
        const guint8 *rest = item.data + type + 4, *end = item.data + item.length;
        const guint8 *zero = memchr(rest, 0, (gsize)(end - rest));
        const guint8 *last = zero ? memchr(zero + 1, 0, (gsize)(end - zero - 1)) : NULL;
        if ((begins(&item, type, "mime", 4) || begins(&item, type, "uri ", 4)) && last &&
            strcmp((const char *)zero + 1, "application/rdf+xml") != 0)
            gan_leftover_add_name(names, zero + 1, (gsize)(last - zero - 1));
    }
}

// The shape of pixels is told where they are no squares.
static gboolean is_square(const GanBox *shape)
{
    return is(shape, "pasp") && shape->length >= 8 && memcmp(shape->data, shape->data + 4, 4) == 0;
}

// Texts, light levels of HDR, the shape of pixels, and so on.
static void note_properties(const GanBox *meta, GString *names)
{
    gsize at = 0;
    GanBox list = *meta, item;
    if (!enter(&list, 4, "iprp") || !enter(&list, 0, "ipco"))
        return;
    while (gan_box_next(list.data, list.length, &at, &item)) {
        if (!is_one_of((const guint8 *)item.name, known_properties) && !is_square(&item))
            gan_leftover_add_name(names, (const guint8 *)item.name, 4);
    }
}

static const char *known_boxes(const guint8 *data, gsize length, const char **title)
{
    static const struct {
        const char *name; // of the second four bytes
        const char *title, *known;
    } table[] = {
        {"JXL ", "JPEG XL", "JXL  ftyp jxll jxli jxlc jxlp jbrd Exif xml  free skip "},
        {"jP  ", "JPEG 2000", "jP   ftyp rreq jp2h jp2c jp2i jpch jplh free skip "},
        {"ftyp", "HEIF", "ftyp meta mdat idat free skip wide styp "},
    };
    for (guint i = 0; length >= 12 && i < G_N_ELEMENTS(table); i++) {
        if (memcmp(data + 4, table[i].name, 4) == 0) {
            *title = table[i].title;
            return table[i].known;
        }
    }
    return NULL;
}

void gan_boxes_note(const guint8 *data, gsize length, GPtrArray *notes)
{
    const char *title = NULL, *known = known_boxes(data, length, &title);
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(GString) items = g_string_new(NULL);
    g_autoptr(GString) properties = g_string_new(NULL);
    gsize at = 0;
    GanBox box;
    while (known && gan_box_next(data, length, &at, &box)) {
        if (is(&box, "brob") && box.length >= 4) // packed; its name goes before
            memcpy(box.name, box.data, 4);
        switch (kind_of(&box, known)) {
        case BOX_KNOWN:
            break;
        case BOX_OTHER:
            gan_leftover_add_name(names, (const guint8 *)box.name, 4);
            break;
        case BOX_CREDENTIALS:
            gan_note(notes, GAN_LEFTOVER_CREDENTIALS);
            break;
        case BOX_GAIN_MAP:
            gan_note(notes, "the gain map (HDR) is not carried over");
            break;
        case BOX_VIDEO:
            gan_note(notes, is(&box, "moov") ? "the sequence of frames beside the picture is not "
                                               "carried over"
                                             : "the video of the motion photo is not carried over");
            break;
        case BOX_MAP:
            gan_note(notes, "the place on the earth (GeoJP2) is not carried over");
            break;
        }
        if (is(&box, "meta") && box.length > 4) {
            note_items(&box, items, notes);
            note_properties(&box, properties);
        }
    }
    if (known && length - at >= 8) {
        g_autoptr(GString) name = g_string_new(NULL);
        gan_leftover_add_name(name, data + at + 4, 4);
        gan_note(notes, "a box (%s) that is damaged or ends too early is not carried over",
                 name->str);
    }
    if (names->len > 0)
        gan_note(notes, "%s boxes that are not carried over: %s", title, names->str);
    if (items->len > 0)
        gan_note(notes, "HEIF items that are not carried over: %s", items->str);
    if (properties->len > 0)
        gan_note(notes, "HEIF properties that are not carried over: %s", properties->str);
}

gboolean gan_boxes_are_grey(const guint8 *data, gsize length)
{
    GanBox list = {.data = data, .length = length}, item;
    gsize at = 0;
    guint n_grey = 0;
    if (!enter(&list, 0, "meta") || !enter(&list, 4, "iprp") || !enter(&list, 0, "ipco"))
        return FALSE;
    while (gan_box_next(list.data, list.length, &at, &item)) {
        const gboolean hevc = is(&item, "hvcC"), av1 = is(&item, "av1C");
        const gboolean grey = hevc  ? item.length > 16 && (item.data[16] & 3) == 0
                              : av1 ? item.length > 2 && (item.data[2] & 0x10) != 0
                                    : FALSE;
        if ((hevc || av1) && !grey)
            return FALSE;
        n_grey += grey;
    }
    return n_grey > 0;
}
