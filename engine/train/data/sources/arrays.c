// SPDX-License-Identifier: LGPL-3.0-or-later
// Data sets of small pictures in one array: MNIST and its relatives (IDX, plain or gzip) and
// CIFAR's binary files. They are held in memory.
//
// IDX: http://yann.lecun.com/exdb/mnist: 0, 0, type (8: bytes), number of dimensions, the
// dimensions as 32-bit big-endian numbers, the data. CIFAR:
// https://www.cs.toronto.edu/~kriz/cifar.html: records of one label byte (CIFAR-100: coarse, fine)
// and 1024 bytes each of red, green and blue.
#include "source.h"

#include <gio/gio.h>
#include <string.h>

#define CIFAR_SIDE 32u
#define CIFAR_PIXELS (CIFAR_SIDE * CIFAR_SIDE)
#define MOST_BYTES ((gsize)4 << 30) // unpacked; more is a damaged or hostile file

typedef struct {
    GBytes *bytes; // pictures, rows close together, channels interleaved
    guint width, height, channels;
    char *hash;
} Arrays;

static void arrays_free(gpointer place)
{
    Arrays *arrays = place;
    g_clear_pointer(&arrays->bytes, g_bytes_unref);
    g_free(arrays->hash);
    g_free(arrays);
}

// --- files ---

// Pictures and labels of one part of a set; the training part is looked for first.
typedef struct {
    const char *pictures, *labels;
} IdxNames;

static const IdxNames idx_names[] = {
    {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte"},
    {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
    {"t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
};

static const char *const cifar_names[] = {
    "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
    "data_batch_5.bin", "test_batch.bin",   "train.bin",        "test.bin"};

// `folder`/`name`, or the same with .gz, or NULL.
static char *find(const char *folder, const char *name)
{
    g_autofree char *plain = g_build_filename(folder, name, NULL);
    g_autofree char *packed = g_strconcat(plain, ".gz", NULL);
    if (g_file_test(plain, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&plain);
    return g_file_test(packed, G_FILE_TEST_IS_REGULAR) ? g_steal_pointer(&packed) : NULL;
}

static GByteArray *read_file(const char *path, GError **error)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GError) reason = NULL;
    g_autoptr(GFileInputStream) plain = g_file_read(file, NULL, &reason);
    g_autoptr(GInputStream) stream = NULL;
    if (plain != NULL && g_str_has_suffix(path, ".gz")) {
        g_autoptr(GConverter) gunzip =
            G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
        stream = g_converter_input_stream_new(G_INPUT_STREAM(plain), gunzip);
    } else if (plain != NULL) {
        stream = G_INPUT_STREAM(g_object_ref(plain));
    }
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree guint8 *piece = g_malloc(1 << 18);
    gssize n = stream != NULL ? 1 : -1;
    while (n > 0 && bytes->len + ((gsize)1 << 18) < MIN(MOST_BYTES, G_MAXUINT)) {
        n = g_input_stream_read(stream, piece, 1 << 18, NULL, &reason);
        if (n > 0)
            g_byte_array_append(bytes, piece, (guint)n);
    }
    if (n == 0)
        return g_steal_pointer(&bytes);
    g_set_error(error, GAN_ERROR, plain == NULL ? GAN_ERROR_FILE : GAN_ERROR_FORMAT, "%s: %s", path,
                n < 0 ? reason->message : "larger than any data set of this kind");
    return NULL;
}

static gboolean arrays_knows(const char *path)
{
    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(idx_names); i++) {
        g_autofree char *found = find(path, idx_names[i].pictures);
        if (found != NULL)
            return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(cifar_names); i++) {
        g_autofree char *found = g_build_filename(path, cifar_names[i], NULL);
        if (g_file_test(found, G_FILE_TEST_IS_REGULAR))
            return TRUE;
    }
    return FALSE;
}

// --- IDX ---

// Reads the header; `dims` receives `n_dims` sizes. Returns the data's offset, 0 with an error.
static gsize idx_header(const char *path, const GByteArray *bytes, guint n_dims, guint *dims,
                        GError **error)
{
    const gsize offset = 4 + 4 * (gsize)n_dims;
    const guint8 *data = bytes->data;
    if (bytes->len < offset || data[0] != 0 || data[1] != 0 || data[2] != 8 || data[3] != n_dims) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: not an IDX file of bytes with %u dimensions", path, n_dims);
        return 0;
    }
    gsize length = 1;
    gboolean fits = TRUE;
    for (guint i = 0; i < n_dims; i++) {
        guint32 size;
        memcpy(&size, data + 4 + 4 * (gsize)i, 4);
        dims[i] = GUINT32_FROM_BE(size);
        fits = fits && g_size_checked_mul(&length, length, dims[i]);
    }
    if (!fits || length != bytes->len - offset || length == 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: its header promises %u items, but %" G_GSIZE_FORMAT " bytes follow", path,
                    dims[0], bytes->len - offset);
        return 0;
    }
    return offset;
}

static gboolean idx_labels(GanDataset *dataset, const char *path, GChecksum *sum, GError **error)
{
    g_autoptr(GByteArray) bytes = read_file(path, error);
    guint n;
    const gsize offset = bytes != NULL ? idx_header(path, bytes, 1, &n, error) : 0;
    if (offset == 0)
        return FALSE;
    if (n != dataset->n[0]) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: %u labels for %" G_GUINT64_FORMAT " pictures", path, n, dataset->n[0]);
        return FALSE;
    }
    g_checksum_update(sum, bytes->data, bytes->len);
    dataset->labels = g_array_new(FALSE, FALSE, sizeof(guint));
    guint last = 0;
    for (guint i = 0; i < n; i++) {
        const guint label = bytes->data[offset + i];
        last = MAX(last, label);
        g_array_append_val(dataset->labels, label);
    }
    for (guint i = 0; i <= last; i++)
        g_ptr_array_add(dataset->classes, g_strdup_printf("%u", i));
    return TRUE;
}

static gboolean open_idx(GanDataset *dataset, const IdxNames *names, const char *path,
                         GChecksum *sum, GError **error)
{
    Arrays *arrays = dataset->place;
    g_autoptr(GByteArray) bytes = read_file(path, error);
    guint dims[3];
    const gsize offset = bytes != NULL ? idx_header(path, bytes, 3, dims, error) : 0;
    if (offset == 0)
        return FALSE;
    g_checksum_update(sum, bytes->data, bytes->len);
    dataset->n[0] = dims[0];
    arrays->height = dims[1];
    arrays->width = dims[2];
    arrays->channels = 1;
    g_autoptr(GBytes) all = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    arrays->bytes = g_bytes_new_from_bytes(all, offset, g_bytes_get_size(all) - offset);
    g_autofree char *labels = find(dataset->path, names->labels);
    if (labels != NULL)
        return idx_labels(dataset, labels, sum, error);
    if (dataset->options.kind != GAN_DATASET_CLASSES)
        return TRUE;
    g_set_error(error, GAN_ERROR, GAN_ERROR_FILE, "%s: the labels, '%s', are missing",
                dataset->path, names->labels);
    return FALSE;
}

// --- CIFAR ---

// Appends the records of one file. `n_labels`: label bytes of a record, the last of which counts.
static gboolean cifar_append(GanDataset *dataset, const char *path, guint n_labels,
                             GByteArray *pictures, GChecksum *sum, GError **error)
{
    const gsize record = n_labels + 3 * (gsize)CIFAR_PIXELS;
    g_autoptr(GByteArray) bytes = read_file(path, error);
    if (bytes == NULL)
        return FALSE;
    if (bytes->len == 0 || bytes->len % record != 0) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: %u bytes are no whole number of records of %" G_GSIZE_FORMAT, path,
                    bytes->len, record);
        return FALSE;
    }
    g_checksum_update(sum, bytes->data, bytes->len);
    for (gsize at = 0; at < bytes->len; at += record) {
        const guint label = bytes->data[at + n_labels - 1];
        const guint8 *planes = bytes->data + at + n_labels;
        g_array_append_val(dataset->labels, label);
        const guint first = pictures->len;
        g_byte_array_set_size(pictures, first + 3 * CIFAR_PIXELS);
        for (guint i = 0; i < CIFAR_PIXELS; i++)
            for (guint c = 0; c < 3; c++)
                pictures->data[first + 3 * i + c] = planes[c * CIFAR_PIXELS + i];
    }
    return TRUE;
}

// Names of the classes: a text file beside the data, or their numbers.
static void cifar_classes(GanDataset *dataset, guint n)
{
    static const char *const names[] = {"batches.meta.txt", "fine_label_names.txt"};
    g_auto(GStrv) lines = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(names) && lines == NULL; i++) {
        g_autofree char *path = g_build_filename(dataset->path, names[i], NULL);
        g_autofree char *text = NULL;
        if (g_file_get_contents(path, &text, NULL, NULL))
            lines = g_strsplit(g_strstrip(text), "\n", -1);
    }
    const guint known = lines != NULL ? g_strv_length(lines) : 0;
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(dataset->classes,
                        i < known ? g_strdup(g_strstrip(lines[i])) : g_strdup_printf("%u", i));
}

static gboolean open_cifar(GanDataset *dataset, GChecksum *sum, GError **error)
{
    Arrays *arrays = dataset->place;
    g_autoptr(GByteArray) pictures = g_byte_array_new();
    dataset->labels = g_array_new(FALSE, FALSE, sizeof(guint));
    gboolean fine = FALSE; // CIFAR-100
    for (guint i = 0; i < G_N_ELEMENTS(cifar_names); i++) {
        g_autofree char *path = g_build_filename(dataset->path, cifar_names[i], NULL);
        // Test pictures are taken where there are no others.
        if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) ||
            (g_str_has_prefix(cifar_names[i], "test") && pictures->len > 0))
            continue;
        const gboolean hundred = cifar_names[i][0] == 't' && strstr(cifar_names[i], "_") == NULL;
        if (pictures->len > 0 && hundred != fine) {
            g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                        "%s: holds files of CIFAR-10 and of CIFAR-100", dataset->path);
            return FALSE;
        }
        fine = hundred;
        if (!cifar_append(dataset, path, hundred ? 2 : 1, pictures, sum, error))
            return FALSE;
    }
    guint last = 0;
    for (guint i = 0; i < dataset->labels->len; i++)
        last = MAX(last, g_array_index(dataset->labels, guint, i));
    if (last >= (fine ? 100u : 10u)) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "%s: class %u; there are only %u",
                    dataset->path, last, fine ? 100u : 10u);
        return FALSE;
    }
    cifar_classes(dataset, fine ? 100 : 10);
    dataset->n[0] = dataset->labels->len;
    arrays->width = arrays->height = CIFAR_SIDE;
    arrays->channels = 3;
    arrays->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&pictures));
    return TRUE;
}

// --- reading ---

static gboolean arrays_read(GanDataset *dataset, guint side, guint64 item, GanPicture *picture,
                            GError **error)
{
    const Arrays *arrays = dataset->place;
    const gsize length = (gsize)arrays->width * arrays->height * arrays->channels;
    *picture = (GanPicture){arrays->width, arrays->height, arrays->channels,
                            g_bytes_new_from_bytes(arrays->bytes, item * length, length)};
    if (gan_picture_fit_channels(picture, dataset->options.channels, error))
        return TRUE;
    gan_picture_clear(picture);
    return FALSE;
}

static void arrays_size(const GanDataset *dataset, guint side, guint64 item, guint *width,
                        guint *height)
{
    const Arrays *arrays = dataset->place;
    (void)side;
    (void)item;
    *width = arrays->width;
    *height = arrays->height;
}

static char *arrays_hash(GanDataset *dataset, GError **error)
{
    return g_strdup(((const Arrays *)dataset->place)->hash);
}

static guint64 arrays_memory_bytes(GanDataset *dataset)
{
    return g_bytes_get_size(((const Arrays *)dataset->place)->bytes);
}

static gboolean arrays_open(GanDataset *dataset, GError **error)
{
    Arrays *arrays = g_new0(Arrays, 1);
    dataset->place = arrays;
    if (dataset->options.kind != GAN_DATASET_PICTURES &&
        dataset->options.kind != GAN_DATASET_CLASSES) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "%s: IDX and CIFAR data hold single pictures, no pairs", dataset->path);
        return FALSE;
    }
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const IdxNames *names = NULL;
    g_autofree char *path = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(idx_names) && path == NULL; i++) {
        names = &idx_names[i];
        path = find(dataset->path, names->pictures);
    }
    if (path != NULL && g_str_has_prefix(names->pictures, "t10k"))
        g_ptr_array_add(dataset->notices,
                        g_strdup_printf("%s: the pictures for testing are taken, those for "
                                        "training are not there",
                                        dataset->path));
    if (!(path != NULL ? open_idx(dataset, names, path, sum, error)
                       : open_cifar(dataset, sum, error)))
        return FALSE;
    arrays->hash = g_strdup(g_checksum_get_string(sum));
    return TRUE;
}

const GanSource gan_source_arrays = {
    .name = "IDX or CIFAR data",
    .knows = arrays_knows,
    .open = arrays_open,
    .free = arrays_free,
    .read = arrays_read,
    .size = arrays_size,
    .hash = arrays_hash,
    .memory_bytes = arrays_memory_bytes,
};
