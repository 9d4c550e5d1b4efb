// SPDX-License-Identifier: LGPL-3.0-or-later
// What else lies under the name of a weight file: told by its first bytes, and what to do then.
#include "weights-private.h"
#include <string.h>

#define PTH "a .pth or .safetensors file of the model is needed"
#define UNPACK "unpack it, and take the weight file in it"
#define PICTURE "a picture, not a weight file"

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
    AT(0, "\x89PNG\r\n\x1a\n", PICTURE),
    AT(0, "\xff\xd8\xff", PICTURE),
    AT(0, "GIF8", PICTURE),
    AT(0, "II*\0", PICTURE),
    AT(0, "MM\0*", PICTURE),
    AT(8, "WEBP", PICTURE),
    AT(4, "ftypavif", PICTURE),
    AT(4, "ftyphei", PICTURE),
    AT(0, "8BPS", PICTURE),
    AT(0, "gimp xcf", PICTURE),
    AT(0, "\x76\x2f\x31\x01", PICTURE),
    AT(4, "ftyp", "a film, not a weight file"),
    AT(0, "\x1a\x45\xdf\xa3", "a film, not a weight file"),
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
    {".engine", "a TensorRT engine, which is not read: " PTH},
    {".mlmodel", "a Core ML model, which is not read: " PTH},
};

static gboolean starts_with(const char *text, gsize length, const char *word)
{
    const gsize n = strlen(word);
    return length >= n && g_ascii_strncasecmp(text, word, n) == 0;
}

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
    if (markup && (strstr(lower, "<html") != NULL || starts_with(text, length, "<!doctype html") ||
                   strstr(lower, "<head") != NULL || strstr(lower, "<body") != NULL))
        return "a web page, not a weight file: the address gave a page, perhaps one to log in or "
               "to agree on; download the file by the page's own button";
    if (markup && (strstr(lower, "<net") != NULL && strstr(lower, "<layers") != NULL))
        return "a network of OpenVINO, which is not read: " PTH;
    if (markup)
        return "an XML text, not a weight file; a server says so that there is no such file, or "
               "that it may not be had";
    if (length > 0 && (text[0] == '{' || text[0] == '['))
        return "a JSON text, not a weight file: a description or an index of other files, or what "
               "a server said instead of the file";
    return NULL;
}

static gboolean is_text(const guint8 *data, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (data[i] < 32 && strchr("\t\n\r\f", data[i]) == NULL)
            return FALSE;
    const char *end = NULL;
    // The beginning may end in mid-character.
    return g_utf8_validate((const char *)data, (gssize)length, &end) ||
           (const char *)data + length - end < 4;
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
    const gboolean text = is_text(data, begin);
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
    return text ? "not a weight file, but a text"
                : "not a weight file: neither safetensors nor PyTorch's zip or legacy format";
}

void gan_weights_explain(const GanWeights *weights, GError **error)
{
    g_set_error(error, GAN_ERROR, GAN_ERROR_FORMAT, "is %s", what_is(weights));
}
