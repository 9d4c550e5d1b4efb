// SPDX-License-Identifier: LGPL-3.0-or-later
// What else lies under the name of a weight file: told by its first bytes, and what to do then.
#include "weights-private.h"
#include <string.h>

#define PTH "a .pth or .safetensors file of the model is needed"
#define UNPACK "unpack it, and take the weight file in it"
#define PICTURE "a picture, not a weight file"
#define A_TEXT "not a weight file, but a text"
#define TF_PART "a part of a TensorFlow checkpoint, which is not read: " PTH
#define UNFINISHED "a download that was not finished: fetch it again"

enum { SHOWN_MAX = 60 };

typedef struct {
    gsize offset;
    const char *start;
    gsize length;
    const char *what; // follows "is "
} Magic;

#define AT(offset, text, what)                                                                     \
    {                                                                                              \
        offset, text, sizeof text - 1, what                                                        \
    }
static const Magic MAGICS[] = {
    AT(0, "version https://git-lfs",
       "a git-lfs pointer, not the file itself: fetch it with \"git lfs pull\" or from the web "
       "page"),
    AT(0, "/annex/objects/",
       "a git-annex pointer, not the file itself: fetch it with \"git annex get\""),
    AT(0, "\0\5\x16\7",
       "what macOS keeps beside a file, not a weight file: take the file whose name does not begin "
       "with \"._\""),
    AT(0, "\xff\xfe", "a text, not a weight file"),
    AT(0, "7767517\n", "a network of ncnn, which is not read: " PTH),
    AT(4, "TFL3", "a TensorFlow Lite model, which is not read: " PTH),
    AT(4, "ORTM", "an ONNX Runtime model, which is not read: " PTH),
    AT(0, "GGUF", "a GGUF file, which is not read: " PTH),
    AT(0, "GGML", "a GGML file, which is not read: " PTH),
    AT(0, "lmgg", "a GGML file, which is not read: " PTH),
    AT(0, "tjgg", "a GGML file, which is not read: " PTH),
    AT(0, "fmgg", "a GGML file, which is not read: " PTH),
    AT(0, "\x89HDF\r\n\x1a\n", "an HDF5 file (Keras), not a PyTorch or safetensors one: " PTH),
    AT(0, "\x93NUMPY", "an array of numpy, which is not read: " PTH),
    AT(0, "\xac\xed\0\5", "a file of Java objects, not a weight file"),
    AT(257, "ustar", "a tar archive: " UNPACK),
    AT(0, "\x1f\x8b", "compressed by gzip: " UNPACK),
    AT(0, "7z\xbc\xaf\x27\x1c", "a 7z archive: " UNPACK),
    AT(0, "Rar!\x1a\x07", "a RAR archive: " UNPACK),
    AT(0,
       "\xfd"
       "7zXZ",
       "compressed by xz: " UNPACK),
    AT(0, "\x28\xb5\x2f\xfd", "compressed by zstd: " UNPACK),
    AT(0, "BZh", "compressed by bzip2: " UNPACK),
    AT(0, "\x04\x22\x4d\x18", "compressed by lz4: " UNPACK),
    AT(0, "\x5d\0\0\x80\0", "compressed by lzma: " UNPACK),
    AT(0, "\x1f\x9d", "compressed: " UNPACK),
    AT(0, "MSCF", "a cabinet archive: " UNPACK),
    AT(32769, "CD001", "the image of a disk, not a weight file"),
    AT(0, "\x89PNG\r\n\x1a\n", PICTURE),
    AT(0, "\xff\xd8\xff", PICTURE),
    AT(0, "GIF8", PICTURE),
    AT(0, "II*\0", PICTURE),
    AT(0, "MM\0*", PICTURE),
    AT(8, "WEBP", PICTURE),
    AT(4, "ftypavif", PICTURE),
    AT(4, "ftyphei", PICTURE),
    AT(0, "8BPS", PICTURE),
    AT(0, "BM", PICTURE),
    AT(0, "P6\n", PICTURE),
    AT(0, "\xff\x0a", PICTURE),
    AT(4, "JXL \r\n\x87\n", PICTURE),
    AT(4, "jP  \r\n\x87\n", PICTURE),
    AT(0, "\0\0\1\0\1\0", PICTURE),
    AT(0, "<svg", PICTURE),
    AT(0, "gimp xcf", PICTURE),
    AT(0, "\x76\x2f\x31\x01", PICTURE),
    AT(4, "ftyp", "a film, not a weight file"),
    AT(0, "\x1a\x45\xdf\xa3", "a film, not a weight file"),
    AT(8, "AVI ", "a film, not a weight file"),
    AT(8, "WAVE", "a sound, not a weight file"),
    AT(0, "ID3", "a sound, not a weight file"),
    AT(0, "fLaC", "a sound, not a weight file"),
    AT(0, "OggS", "a sound, not a weight file"),
    AT(0, "SQLite format 3", "a database, not a weight file"),
    AT(0, "MATLAB 5.0", "a file of MATLAB, which is not read: " PTH),
    AT(0, "RKNN", "a model for Rockchip's processors, which is not read: " PTH),
    AT(0, "ftrt", "a TensorRT engine, which is not read: " PTH),
    AT(0, "ptrt", "a TensorRT engine, which is not read: " PTH),
    AT(0, "%PDF", "a PDF document, not a weight file"),
    AT(0,
       "\x7f"
       "ELF",
       "a program, not a weight file"),
    AT(0, "MZ", "a program, not a weight file"),
};
#undef AT

// Names of what has no mark at its beginning.
static const struct {
    const char *extension, *what;
} NAMES[] = {
    {".onnx", "an ONNX model, which is not read: " PTH},
    {".param", "a network of ncnn, which is not read: " PTH},
    {".bin",
     "no PyTorch file; with a .param file beside it, it is of ncnn, which is not read: " PTH},
    {".mnn", "a model of MNN, which is not read: " PTH},
    {".tflite", "a TensorFlow Lite model, which is not read: " PTH},
    {".pb", "a TensorFlow graph, which is not read: " PTH},
    {".t7", "a Torch7 file, which is not read: " PTH},
    {".caffemodel", "a Caffe model, which is not read: " PTH},
    {".pdparams", "a PaddlePaddle file, which is not read: " PTH},
    {".pdopt", "a PaddlePaddle file, which is not read: " PTH},
    {".engine", "a TensorRT engine, which is not read: " PTH},
    {".trt", "a TensorRT engine, which is not read: " PTH},
    {".plan", "a TensorRT engine, which is not read: " PTH},
    {".index", TF_PART},
    {".meta", TF_PART},
    {".data-00000-of-00001", TF_PART},
    {".msgpack", "a file of Flax, which is not read: " PTH},
    {".weights", "a file of Darknet, which is not read: " PTH},
    {".mat", "a file of MATLAB, which is not read: " PTH},
    {".prototxt", "the description of a Caffe model, which is not read: " PTH},
    {".params", "a file of MXNet, which is not read: " PTH},
    {".om", "a model for Ascend processors, which is not read: " PTH},
    {".dlc", "a model for Snapdragon processors, which is not read: " PTH},
    {".part", UNFINISHED},
    {".crdownload", UNFINISHED},
    {".download", UNFINISHED},
    {".aria2", UNFINISHED},
    {".yml", "a text, perhaps the settings of a training, not a weight file"},
    {".yaml", "a text, perhaps the settings of a training, not a weight file"},
    {".mlmodel", "a Core ML model, which is not read: " PTH},
};

// A page begins with a comment or a declaration, whatever the case.
static const char *what_text(const char *text, gsize length)
{
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    while (length > 0 && g_ascii_isspace(*text)) {
        text++;
        length--;
    }
    g_autofree char *lower = g_ascii_strdown(text, (gssize)MIN(length, 1024));
    const gboolean markup = length > 0 && text[0] == '<';
    static const char *const PAGE[] = {"<html",   "<!doctype html", "<head",    "<body", "<title",
                                       "<script", "<meta ",         "<a href=", "<div",  "<h1"};
    gboolean page = FALSE;
    for (guint i = 0; markup && i < G_N_ELEMENTS(PAGE); i++)
        page = page || strstr(lower, PAGE[i]) != NULL;
    if (page)
        return "a web page, not a weight file: the address gave a page, perhaps one to log in or "
               "to agree on; download the file by the page's own button";
    if (markup && (strstr(lower, "<net") != NULL && strstr(lower, "<layers") != NULL))
        return "a network of OpenVINO, which is not read: " PTH;
    if (markup)
        return "an XML text, not a weight file; a server says so that there is no such file, or "
               "that it may not be had";
    gsize inner = MIN(length, 1);
    while (inner < length && g_ascii_isspace(text[inner]))
        inner++;
    const char next = inner < length ? text[inner] : '}';
    if (length > 0 && ((text[0] == '{' && strchr("\"}", next) != NULL) ||
                       (text[0] == '[' && strchr("[{\"]-0123456789", next) != NULL)))
        return "a JSON text, not a weight file: a description or an index of other files, or what "
               "a server said instead of the file";
    return NULL;
}

// Whether the first `length` bytes are a text; of a longer file these may end in mid-character.
static gboolean is_text(const guint8 *data, gsize length, gboolean whole)
{
    for (gsize i = 0; i < length; i++)
        if (data[i] < 32 && (data[i] == 0 || strchr("\t\n\r\f", data[i]) == NULL))
            return FALSE;
    const char *end = NULL;
    return g_utf8_validate((const char *)data, (gssize)length, &end) ||
           (!whole && (const char *)data + length - end < 4);
}

// A text of the file for a message: what steers a terminal becomes a space.
static char *printable(const char *text, gsize length, gsize most)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
    GString *out = g_string_new(NULL);
    gsize n = 0;
    for (const char *at = valid; *at != 0 && n < most; at = g_utf8_next_char(at), n++) {
        const gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(out, g_unichar_isprint(c) ? c : ' ');
    }
    if (g_utf8_strlen(valid, -1) > (glong)most)
        g_string_append(out, "…");
    return g_strchomp(g_string_free(out, FALSE));
}

// The first line of a text, which often says why there is no file: "Entry not found".
static char *first_line(const char *text, gsize length)
{
    while (length > 0 && g_ascii_isspace(*text)) {
        text++;
        length--;
    }
    gsize n = 0;
    while (n < length && text[n] != '\n' && text[n] != '\r')
        n++;
    return printable(text, n, SHOWN_MAX);
}

// ModelProto: the version of the format, then the producer's name, its version, a domain, or the
// graph at once.
static gboolean is_onnx(const guint8 *data, gsize length)
{
    return length > 4 && data[0] == 0x08 && data[1] >= 1 && data[1] < 32 &&
           (data[2] == 0x12 || data[2] == 0x1a || data[2] == 0x22 || data[2] == 0x3a ||
            data[2] == 0x42);
}

static const char *what_name(const char *path)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (g_str_has_suffix(lower, NAMES[i].extension))
            return NAMES[i].what;
    return NULL;
}

static const char *what_is(const GanWeights *weights)
{
    const guint8 *data = weights->data;
    const gsize length = weights->length, begin = MIN(length, 1024);
    if (length == 0)
        return "empty";
    for (guint i = 0; i < G_N_ELEMENTS(MAGICS); i++)
        if (length >= MAGICS[i].offset + MAGICS[i].length &&
            memcmp(data + MAGICS[i].offset, MAGICS[i].start, MAGICS[i].length) == 0)
            return MAGICS[i].what;
    const gboolean text = is_text(data, begin, begin == length);
    const char *what = text ? what_text((const char *)data, length) : NULL;
    if (what == NULL)
        what = what_name(weights->path);
    if (what != NULL)
        return what;
    if (is_onnx(data, length))
        return "an ONNX model, which is not read: " PTH;
    gsize zeros = 0;
    while (zeros < begin && data[zeros] == 0)
        zeros++;
    if (zeros == begin)
        return "not a weight file: it begins with nothing but zeros, as a download that was not "
               "finished does";
    return text ? A_TEXT
                : "not a weight file: neither safetensors nor PyTorch's zip or legacy format";
}

void gan_weights_explain(const GanWeights *weights, GError **error)
{
    const char *what = what_is(weights);
    g_autofree char *line = strcmp(what, A_TEXT) == 0 ? first_line((const char *)weights->data,
                                                                   MIN(weights->length, 1024))
                                                      : NULL;
    if (line != NULL && line[0] != 0)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "is %s: \"%s\"", what, line);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "is %s", what);
}

const char *gan_weights_other_pickle(const GanWeights *weights)
{
    return what_name(weights->path);
}

// --- zip archives that PyTorch did not write ---

// By the ending of a name in them, or all of it.
static const struct {
    const char *ending, *what;
} PACKED[] = {
    {"model.weights.h5", "a Keras model, which is not read: " PTH},
    {"archive_format", "a program that torch.export wrote, which is not read: " PTH},
    {"serialized_exported_program.json",
     "a program that torch.export wrote, which is not read: " PTH},
    {".mlmodel", "a Core ML model, which is not read: " PTH},
    {".npy", "an archive of numpy, which is not read: " PTH},
    {"AndroidManifest.xml", "a program, not a weight file"},
    {"META-INF/MANIFEST.MF", "a program, not a weight file"},
    {"[Content_Types].xml", "a document, not a weight file"},
};

void gan_weights_explain_zip(const GanZip *zip, GError **error)
{
    static const char *const WEIGHTS[] = {".pth", ".safetensors", ".pt", ".ckpt"};
    const guint n = gan_zip_n_entries(zip);
    const char *first = NULL;
    gboolean ncnn = FALSE;
    guint n_weights = 0;
    for (guint i = 0; i < n; i++) {
        const char *name = gan_zip_name(zip, i);
        for (guint k = 0; k < G_N_ELEMENTS(PACKED); k++)
            if (g_str_has_suffix(name, PACKED[k].ending)) {
                g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "is %s", PACKED[k].what);
                return;
            }
        ncnn = ncnn || g_str_has_suffix(name, ".param");
        for (guint k = 0; k < G_N_ELEMENTS(WEIGHTS); k++)
            if (g_str_has_suffix(name, WEIGHTS[k])) {
                first = first != NULL ? first : name;
                n_weights++;
            }
    }
    g_autofree char *shown = first != NULL ? printable(first, strlen(first), SHOWN_MAX) : NULL;
    if (shown != NULL)
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "is a zip archive with %s'%s'%s in it: unpack it, and take %s",
                    n_weights > 1 ? "weight files, " : "the weight file ", shown,
                    n_weights > 1 ? " the first," : "", n_weights > 1 ? "one of them" : "that");
    else if (ncnn)
        g_set_error_literal(error, GAN_ERROR, GAN_ERROR_FORMAT,
                            "is a zip archive with a network of ncnn, which is not read: " PTH);
    else
        g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT,
                    "is a zip archive with %s in it: PyTorch's have a data.pkl",
                    n == 0 ? "nothing" : "no weight file");
}
