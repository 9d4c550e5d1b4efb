// SPDX-License-Identifier: LGPL-3.0-or-later
// What is no weight file is called what it is, and the message says what to do.
#include <gan/weights.h>
#include <string.h>

#define FILL "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15"
#define ROW(name, bytes, says)                                                                     \
    {                                                                                              \
        name, bytes, sizeof bytes - 1, says                                                        \
    }

static const struct {
    const char *name, *bytes;
    gsize length;
    const char *says;
} FILES[] = {
    ROW("a.pth", "<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
        "is a web page"),
    ROW("a.safetensors", "\xef\xbb\xbf\n\n  <!-- x --><HTML lang='de'>", "is a web page"),
    ROW("a.pth", "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "is an XML text"),
    ROW("a.bin", "<?xml version='1.0'?><net name='a'><layers></layers></net>", "OpenVINO"),
    ROW("a.pth", "{\"message\": \"Not Found\"}", "is a JSON text"),
    ROW("a.pth", "[InternetShortcut]\r\nURL=x", "but a text: \"[InternetShortcut]\""),
    ROW("a.pth", "\n Entry not \x1b[31mfound\r\nx", "is not a weight file"),
    ROW("a.pth", "Access denied\n", "but a text: \"Access denied\""),
    ROW("a.pth", "\n 404: \xe2\x80\xaeNot Found\r\nx", "but a text: \"404:  Not Found\""),
    ROW("a.pth", "<a href='/x'>Moved Permanently</a>.", "is a web page"),
    ROW("a.pth", "<svg xmlns='x'/>", "is a picture"),
    ROW("a.pth", "\x80", "neither safetensors nor"),
    ROW("a.pth", "/annex/objects/SHA256E-s1--0.pth", "is a git-annex pointer"),
    ROW("._a.pth", "\0\5\x16\7\0\2\0\0Mac OS X" FILL, "is what macOS keeps beside a file"),
    ROW("a.pth", "BM" FILL, "is a picture"),
    ROW("a.pth", "\0\0\0\x0cJXL \r\n\x87\n" FILL, "is a picture"),
    ROW("a.pth", "\x04\x22\x4d\x18" FILL, "is compressed by lz4: unpack it"),
    ROW("a.ckpt-9.index", FILL, "is a part of a TensorFlow checkpoint"),
    ROW("a.ckpt-9.data-00000-of-00001", FILL, "is a part of a TensorFlow checkpoint"),
    ROW("a.msgpack", "\x82\xa6params" FILL, "is a file of Flax"),
    ROW("a.pth.part", FILL, "is a download that was not finished"),
    ROW("a.pdparams", "\x80\x04}\x94.", "is a PaddlePaddle file"),
    ROW("a.pkl", "\x80\x04}\x94.", "is a Python pickle, but not one that torch.save() wrote"),
    ROW("a.pth", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "is a git-lfs pointer"),
    ROW("a.onnx", "\x08\x07\x12\x07pytorch", "is an ONNX model"),
    ROW("a.pth",
        "\x08\x09\x12\x07pytorch\x1a\x05"
        "2.4.0",
        "is an ONNX model"),
    ROW("a.param", "7767517\n3 3\nInput in0 0 1 in0\n", "is a network of ncnn"),
    ROW("a.bin", FILL, "it is of ncnn"),
    ROW("a.tflite", "\x1c\0\0\0TFL3" FILL, "is a TensorFlow Lite model"),
    ROW("a.pth", "\x1c\0\0\0TFL3" FILL, "is a TensorFlow Lite model"),
    ROW("a.gguf", "GGUF\3\0\0\0" FILL, "is a GGUF file"),
    ROW("a.pth", "7z\xbc\xaf\x27\x1c" FILL, "is a 7z archive: unpack it"),
    ROW("a.pth", "Rar!\x1a\x07\x01\x00" FILL, "is a RAR archive: unpack it"),
    ROW("a.pth", "\x1f\x8b\x08\x00" FILL, "is compressed by gzip: unpack it"),
    ROW("a.pth",
        "\xfd"
        "7zXZ\0" FILL,
        "is compressed by xz"),
    ROW("a.pth", "\x28\xb5\x2f\xfd" FILL, "is compressed by zstd"),
    ROW("a.pth", "\x89PNG\r\n\x1a\n" FILL, "is a picture"),
    ROW("a.pth", "\xff\xd8\xff\xe0" FILL, "is a picture"),
    ROW("a.pth", "RIFF\x10\0\0\0WEBPVP8 " FILL, "is a picture"),
    ROW("a.h5", "\x89HDF\r\n\x1a\n" FILL, "is an HDF5 file"),
    ROW("a.npy", "\x93NUMPY\x01\0" FILL, "is an array of numpy"),
    ROW("a.mlmodel", FILL, "is a Core ML model"),
    ROW("a.pth", "%PDF-1.7\n" FILL, "is a PDF document"),
    ROW("a.pth", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "nothing but zeros"),
    ROW("a.pth", FILL, "is not a weight file"),
    ROW("a.pth", "", "is empty"),
};

static void test_called(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(FILES); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new_static(FILES[i].bytes, FILES[i].length);
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_weights_open_bytes(bytes, FILES[i].name, &error));
        g_assert_error(error, GAN_ERROR, GAN_ERROR_FORMAT);
        g_autofree char *start = g_strconcat(FILES[i].name, " is ", NULL);
        if (!g_str_has_prefix(error->message, start) ||
            strstr(error->message, FILES[i].says) == NULL)
            g_error("'%s' is wanted: %s", FILES[i].says, error->message);
    }
}

// Entries of no length, one after another.
static GBytes *zip_of(const char *const *names)
{
    g_autoptr(GByteArray) zip = g_byte_array_new(), directory = g_byte_array_new();
    guint8 n = 0;
    for (; names[n] != NULL; n++) {
        const guint8 length = (guint8)strlen(names[n]);
        guint8 local[30] = "PK\3\4\x14", central[46] = "PK\1\2\x14\0\x14";
        local[26] = central[28] = length;
        central[42] = (guint8)zip->len; // the archives here are short
        g_byte_array_append(zip, local, sizeof local);
        g_byte_array_append(zip, (const guint8 *)names[n], length);
        g_byte_array_append(directory, central, sizeof central);
        g_byte_array_append(directory, (const guint8 *)names[n], length);
    }
    guint8 end[22] = "PK\5\6";
    end[8] = end[10] = n;
    end[12] = (guint8)directory->len;
    end[16] = (guint8)zip->len;
    g_byte_array_append(zip, directory->data, directory->len);
    g_byte_array_append(zip, end, sizeof end);
    return g_bytes_new(zip->data, zip->len);
}

static void test_zip(void)
{
    static const struct {
        const char *names[4], *says;
    } ZIPS[] = {
        {{NULL}, "a.pth is a zip archive with nothing in it: PyTorch's have a data.pkl"},
        {{"a/", "a/b.txt"},
         "a.pth is a zip archive with no weight file in it: PyTorch's have a data.pkl"},
        {{"m/x4.pth"},
         "a.pth is a zip archive with the weight file 'm/x4.pth' in it: unpack it, and take that"},
        {{"x\x1b[31m.ckpt", "y.safetensors"},
         "a.pth is a zip archive with weight files, 'x [31m.ckpt' the first, in it: unpack it, and "
         "take one of them"},
        {{"x.param", "x.bin"},
         "a.pth is a zip archive with a network of ncnn, which is not read: a .pth or .safetensors "
         "file of the model is needed"},
        {{"w.npy"},
         "a.pth is an archive of numpy, which is not read: a .pth or .safetensors file of the "
         "model is needed"},
        {{"config.json", "model.weights.h5"},
         "a.pth is a Keras model, which is not read: a .pth or .safetensors file of the model is "
         "needed"},
        {{"a/archive_format", "a/data/weights/x"},
         "a.pth is a program that torch.export wrote, which is not read: a .pth or .safetensors "
         "file of the model is needed"},
        {{"a/data.pkl", "b/data.pkl"},
         "a.pth: the zip archive has more than one data.pkl: unpack it, and take one of the files "
         "in it"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(ZIPS); i++) {
        g_autoptr(GBytes) bytes = zip_of(ZIPS[i].names);
        g_autoptr(GError) error = NULL;
        g_assert_null(gan_weights_open_bytes(bytes, "a.pth", &error));
        g_assert_cmpstr(error->message, ==, ZIPS[i].says);
    }
}

// A tar archive is told by what stands behind its first name.
static void test_tar(void)
{
    char block[512] = "model/net.pth";
    memcpy(block + 257, "ustar", 6);
    g_autoptr(GBytes) bytes = g_bytes_new_static(block, sizeof block);
    g_autoptr(GError) error = NULL;
    g_assert_null(gan_weights_open_bytes(bytes, "a.pth", &error));
    g_assert_cmpstr(error->message, ==,
                    "a.pth is a tar archive: unpack it, and take the weight file in it");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/others/called-what-they-are", test_called);
    g_test_add_func("/others/zip", test_zip);
    g_test_add_func("/others/tar", test_tar);
    return g_test_run();
}
