// SPDX-License-Identifier: LGPL-3.0-or-later
// The safetensors writer, and giving mapped pages back.
#include <errno.h>
#include <gan/weights.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    char *folder, *path;
} Place;

static void set_up(Place *place, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    place->folder = g_dir_make_tmp("gan-save-XXXXXX", &error);
    g_assert_no_error(error);
    place->path = g_build_filename(place->folder, "a.safetensors", NULL);
}

static guint n_files(const Place *place)
{
    g_autoptr(GDir) dir = g_dir_open(place->folder, 0, NULL);
    guint n = 0;
    while (g_dir_read_name(dir) != NULL)
        n++;
    return n;
}

static void tear_down(Place *place, gconstpointer data)
{
    (void)g_remove(place->path);
    g_assert_cmpint(g_rmdir(place->folder), ==, 0);
    g_free(place->path);
    g_free(place->folder);
}

static GanTensor *tensor_of(guint rank, const gsize *shape, const float *values)
{
    GanTensor *tensor = gan_tensor_new(rank, shape, NULL);
    memcpy(tensor->data, values, gan_tensor_length(tensor) * sizeof *values);
    return tensor;
}

static gboolean save_one(const char *path, GanTensor *tensor, GanDtype dtype,
                         const char *const *metadata, GError **error)
{
    const char *name = "w";
    return gan_weights_save(path, &name, &tensor, 1, dtype, metadata, error);
}

// Rounding to nearest even at the edges of the half-precision formats: subnormals, overflow, ties,
// NaN. The expected values follow from IEEE 754 by hand.
static const struct {
    float value, half, bfloat;
} EDGES[] = {
    {0.0f, 0.0f, 0.0f},
    {-0.0f, -0.0f, -0.0f},
    {1.0f, 1.0f, 1.0f},
    {-2.5f, -2.5f, -2.5f},
    {0x1.002p0f, 0x1p0f, 0x1p0f},          // a tie of F16 goes to the even one below
    {0x1.006p0f, 0x1.008p0f, 0x1p0f},      // and to the even one above
    {0x1.01p0f, 0x1.01p0f, 0x1p0f},        // a tie of BF16
    {0x1.03p0f, 0x1.03p0f, 0x1.04p0f},     //
    {65504.0f, 65504.0f, 65536.0f},        // F16's greatest
    {65519.996f, 65504.0f, 65536.0f},      //
    {65520.0f, INFINITY, 65536.0f},        //
    {-1e30f, -INFINITY, -0x1.94p99f},      //
    {0x1p-14f, 0x1p-14f, 0x1p-14f},        // F16's smallest normal
    {0x1.ffep-15f, 0x1p-14f, 0x1p-14f},    // rounds up into it
    {0x1p-24f, 0x1p-24f, 0x1p-24f},        // F16's smallest
    {0x1p-25f, 0.0f, 0x1p-25f},            // a tie with zero
    {0x1.8p-25f, 0x1p-24f, 0x1.8p-25f},    //
    {0x1.8p-24f, 0x1p-23f, 0x1.8p-24f},    // a tie between subnormals
    {0x1.fffffep127f, INFINITY, INFINITY}, //
    {INFINITY, INFINITY, INFINITY},        //
    {NAN, NAN, NAN},
};

static void check_edge(float found, float wanted)
{
    if (isnan(wanted))
        g_assert_true(isnan(found));
    else {
        g_assert_cmpfloat(found, ==, wanted);
        g_assert_cmpint(signbit(found), ==, signbit(wanted));
    }
}

static void test_rounding(Place *place, gconstpointer data)
{
    const gsize n = G_N_ELEMENTS(EDGES);
    g_autoptr(GanTensor) tensor = gan_tensor_new(1, &n, NULL);
    for (gsize i = 0; i < n; i++)
        tensor->data[i] = EDGES[i].value;
    for (GanDtype dtype = GAN_DTYPE_F32; dtype <= GAN_DTYPE_BF16; dtype++) {
        g_autoptr(GError) error = NULL;
        save_one(place->path, tensor, dtype, NULL, &error);
        g_assert_no_error(error);
        g_autoptr(GanWeights) weights = gan_weights_open(place->path, &error);
        g_assert_no_error(error);
        g_assert_cmpint(gan_weights_entry(weights, 0)->dtype, ==, dtype);
        g_autoptr(GanTensor) back = gan_weights_tensor(weights, "w", &error);
        g_assert_no_error(error);
        for (gsize i = 0; i < n; i++)
            check_edge(back->data[i], dtype == GAN_DTYPE_F16    ? EDGES[i].half
                                      : dtype == GAN_DTYPE_BF16 ? EDGES[i].bfloat
                                                                : EDGES[i].value);
    }
}

// Every F16 bit pattern survives reading and writing; NaNs stay NaNs.
static void test_all_halves(Place *place, gconstpointer data)
{
    const gsize n = 65536;
    g_autoptr(GanTensor) zeros = gan_tensor_new(1, &n, NULL);
    memset(zeros->data, 0, n * sizeof(float));
    g_autoptr(GError) error = NULL;
    save_one(place->path, zeros, GAN_DTYPE_F16, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *content = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(place->path, &content, &length, NULL));
    guint16 *halves = (guint16 *)(void *)(content + length - 2 * n);
    for (gsize i = 0; i < n; i++)
        halves[i] = GUINT16_TO_LE((guint16)i);
    g_autoptr(GBytes) bytes = g_bytes_new(content, length);
    g_autoptr(GanWeights) weights = gan_weights_open_bytes(bytes, "halves", &error);
    g_assert_no_error(error);
    g_autoptr(GanTensor) values = gan_weights_tensor(weights, "w", &error);
    g_assert_no_error(error);
    g_assert_cmpfloat(values->data[0x3c00], ==, 1.0f);
    g_assert_cmpfloat(values->data[0x0001], ==, 0x1p-24f);
    g_assert_cmpfloat(values->data[0xfbff], ==, -65504.0f);
    save_one(place->path, values, GAN_DTYPE_F16, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *again = NULL;
    g_assert_true(g_file_get_contents(place->path, &again, &length, NULL));
    const guint16 *written = (const guint16 *)(const void *)(again + length - 2 * n);
    for (gsize i = 0; i < n; i++)
        if ((i & 0x7fff) <= 0x7c00)
            g_assert_cmphex(written[i], ==, halves[i]);
        else
            g_assert_cmphex(written[i] & 0x7fff, >, 0x7c00);
}

static void test_metadata(Place *place, gconstpointer data)
{
    static const char *const METADATA[] = {
        "license", "CC0-1.0", "title", "a \"quoted\" \\ line\nand ünïcödé", "", "empty key",
        "empty",   "",        NULL};
    const gsize shapes[3][3] = {{2, 3, 0}, {0, 5, 0}, {0, 0, 0}};
    const float values[6] = {1, -2, 3, -4, 5, -6};
    g_autoptr(GanTensor) matrix = tensor_of(2, shapes[0], values);
    g_autoptr(GanTensor) empty = tensor_of(2, shapes[1], values);
    g_autoptr(GanTensor) scalar = tensor_of(0, NULL, values);
    const char *const names[] = {"m.\"x\"", "empty", "scalar"};
    GanTensor *const tensors[] = {matrix, empty, scalar};
    g_autoptr(GError) error = NULL;
    gan_weights_save(place->path, names, tensors, 3, GAN_DTYPE_F32, METADATA, &error);
    g_assert_no_error(error);
    g_autoptr(GanWeights) weights = gan_weights_open(place->path, &error);
    g_assert_no_error(error);
    for (guint i = 0; METADATA[i] != NULL; i += 2)
        g_assert_cmpstr(gan_weights_metadata(weights, METADATA[i]), ==, METADATA[i + 1]);
    g_assert_null(gan_weights_metadata(weights, "licence"));
    g_autofree const char **keys = gan_weights_metadata_keys(weights);
    g_assert_cmpuint(g_strv_length((char **)keys), ==, 4);
    for (guint i = 0; i < 3; i++) {
        g_assert_cmpstr(gan_weights_entry(weights, i)->name, ==, names[i]);
        g_autoptr(GanTensor) back = gan_weights_tensor(weights, names[i], &error);
        g_assert_no_error(error);
        g_assert_cmpuint(back->rank, ==, tensors[i]->rank);
        g_assert_cmpmem(back->shape, back->rank * sizeof(gsize), tensors[i]->shape,
                        back->rank * sizeof(gsize));
        g_assert_cmpmem(back->data, gan_tensor_length(back) * sizeof(float), tensors[i]->data,
                        gan_tensor_length(tensors[i]) * sizeof(float));
    }
}

// Another reader, json-glib, finds the same header, and the data begins at a multiple of 64 bytes.
static void test_header(Place *place, gconstpointer data)
{
    const gsize shape[2] = {2, 2};
    const float values[4] = {1, 2, 3, 4};
    g_autoptr(GanTensor) tensor = tensor_of(2, shape, values);
    g_autoptr(GError) error = NULL;
    save_one(place->path, tensor, GAN_DTYPE_BF16, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *content = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(place->path, &content, &length, NULL));
    guint64 header = 0;
    memcpy(&header, content, sizeof header);
    header = GUINT64_FROM_LE(header);
    g_assert_cmpuint((8 + header) % 64, ==, 0);
    g_assert_cmpuint(length, ==, 8 + header + 8);
    g_autofree char *text = g_strndup(content + 8, header);
    g_autoptr(JsonNode) node = json_from_string(text, &error);
    g_assert_no_error(error);
    JsonObject *w = json_object_get_object_member(json_node_get_object(node), "w");
    g_assert_cmpstr(json_object_get_string_member(w, "dtype"), ==, "BF16");
    g_assert_cmpint(json_array_get_int_element(json_object_get_array_member(w, "data_offsets"), 1),
                    ==, 8);
}

// A name as long as the file system takes: the temporary one is not made of it.
static void test_long_name(Place *place, gconstpointer data)
{
    const long most = pathconf(place->folder, _PC_NAME_MAX);
    g_autofree char *name = g_strnfill((gsize)most, 'n');
    const gsize n = 1;
    const float value = 2;
    g_autoptr(GanTensor) tensor = tensor_of(1, &n, &value);
    g_autoptr(GError) error = NULL;
    g_free(place->path);
    place->path = g_build_filename(place->folder, name, NULL);
    save_one(place->path, tensor, GAN_DTYPE_F32, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(n_files(place), ==, 1);
}

static void test_no_folder(Place *place, gconstpointer data)
{
    const float value = 1;
    g_autoptr(GanTensor) tensor = tensor_of(0, NULL, &value);
    g_autofree char *path = g_build_filename(place->folder, "missing", "a.safetensors", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(save_one(path, tensor, GAN_DTYPE_F32, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_cmpuint(n_files(place), ==, 0);
}

// The path is a folder: the data is written, but cannot take the name.
static void test_rename_fails(Place *place, gconstpointer data)
{
    const float value = 1;
    g_autoptr(GanTensor) tensor = tensor_of(0, NULL, &value);
    g_assert_cmpint(g_mkdir(place->path, 0777), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(save_one(place->path, tensor, GAN_DTYPE_F32, NULL, &error));
    g_assert_error(error, GAN_ERROR, GAN_ERROR_FILE);
    g_assert_cmpuint(n_files(place), ==, 1);
}

// The disk is full in the middle: the former file stays, and nothing else.
static void test_disk_full(Place *place, gconstpointer data)
{
    const gsize n = 1 << 20;
    const float old = 7;
    g_autoptr(GanTensor) large = gan_tensor_new(1, &n, NULL);
    memset(large->data, 0, n * sizeof(float));
    g_autoptr(GanTensor) small = tensor_of(0, NULL, &old);
    g_assert_true(save_one(place->path, small, GAN_DTYPE_F32, NULL, NULL));
    const pid_t child = fork();
    if (child == 0) {
        const struct rlimit limit = {1 << 20, 1 << 20};
        (void)signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        g_autoptr(GError) error = NULL;
        const gboolean saved = save_one(place->path, large, GAN_DTYPE_F32, NULL, &error);
        _exit(!saved && g_error_matches(error, GAN_ERROR, GAN_ERROR_FILE) &&
                      strstr(error->message, g_strerror(EFBIG)) != NULL
                  ? 0
                  : 1);
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    g_assert_cmpuint(n_files(place), ==, 1);
    g_autoptr(GanWeights) weights = gan_weights_open(place->path, NULL);
    g_autoptr(GanTensor) back = gan_weights_tensor(weights, "w", NULL);
    g_assert_cmpfloat(back->data[0], ==, 7.0f);
}

// The second number of statm is the resident set in pages.
static gsize resident_bytes(void)
{
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
    g_auto(GStrv) numbers = g_strsplit(text, " ", 3);
    guint64 pages = 0;
    g_assert_true(g_ascii_string_to_unsigned(numbers[1], 10, 1, G_MAXINT32, &pages, NULL));
    return (gsize)pages * (gsize)sysconf(_SC_PAGESIZE);
}

static double sum_of(const GanTensor *tensor)
{
    double sum = 0;
    for (gsize i = 0; i < gan_tensor_length(tensor); i++)
        sum += (double)tensor->data[i];
    return sum;
}

static void test_drop_pages(Place *place, gconstpointer data)
{
    const gsize n = 8 << 20, bytes = n * sizeof(float);
    {
        g_autoptr(GanTensor) tensor = gan_tensor_new(1, &n, NULL);
        for (gsize i = 0; i < n; i++)
            tensor->data[i] = (float)(i % 1021);
        g_assert_true(save_one(place->path, tensor, GAN_DTYPE_F32, NULL, NULL));
    }
    g_autoptr(GanWeights) weights = gan_weights_open(place->path, NULL);
    g_autoptr(GanTensor) tensor = gan_weights_tensor(weights, "w", NULL);
    const gsize before = resident_bytes();
    const double sum = sum_of(tensor);
    const gsize touched = resident_bytes();
    gan_weights_drop_pages(weights);
    const gsize dropped = resident_bytes();
    g_assert_cmpuint(touched, >, before + bytes / 2);
    g_assert_cmpuint(dropped, <, touched - bytes / 2);
    g_assert_cmpfloat(sum_of(tensor), ==, sum);
}

// Memory of somebody else must not be given back: it would read as zeros.
static void test_drop_bytes(Place *place, gconstpointer data)
{
    const float value = 3;
    g_autoptr(GanTensor) tensor = tensor_of(0, NULL, &value);
    g_assert_true(save_one(place->path, tensor, GAN_DTYPE_F32, NULL, NULL));
    char *content = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(place->path, &content, &length, NULL));
    g_autoptr(GBytes) bytes = g_bytes_new_take(content, length);
    g_autoptr(GanWeights) weights = gan_weights_open_bytes(bytes, "memory", NULL);
    gan_weights_drop_pages(weights);
    g_autoptr(GanTensor) back = gan_weights_tensor(weights, "w", NULL);
    g_assert_cmpfloat(back->data[0], ==, 3.0f);
}

static void test_mode(Place *place, gconstpointer data)
{
    const float value = 1;
    g_autoptr(GanTensor) tensor = tensor_of(0, NULL, &value);
    g_assert_true(save_one(place->path, tensor, GAN_DTYPE_F32, NULL, NULL));
    GStatBuf status;
    g_assert_cmpint(g_stat(place->path, &status), ==, 0);
    const mode_t mask = umask(0);
    umask(mask);
    g_assert_cmpint(status.st_mode & 0777, ==, 0666 & ~mask);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(Place *place, gconstpointer data);
    } TESTS[] = {
        {"/weights/save/rounds-to-nearest-even", test_rounding},
        {"/weights/save/keeps-every-half", test_all_halves},
        {"/weights/save/keeps-metadata-and-shapes", test_metadata},
        {"/weights/save/header-is-json-and-aligned", test_header},
        {"/weights/save/name-as-long-as-can-be", test_long_name},
        {"/weights/save/missing-folder-is-said", test_no_folder},
        {"/weights/save/failed-rename-leaves-nothing", test_rename_fails},
        {"/weights/save/full-disk-keeps-the-former-file", test_disk_full},
        {"/weights/save/mode-follows-umask", test_mode},
        {"/weights/drop-pages/reads-again", test_drop_pages},
        {"/weights/drop-pages/leaves-bytes-alone", test_drop_bytes},
    };
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(TESTS); i++)
        g_test_add(TESTS[i].name, Place, NULL, set_up, TESTS[i].run, tear_down);
    return g_test_run();
}
