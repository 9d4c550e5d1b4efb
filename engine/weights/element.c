// SPDX-License-Identifier: LGPL-3.0-or-later
// Number formats of weight files.
#include "element.h"
#include <math.h>
#include <string.h>

typedef struct {
    const char *name;    // in safetensors
    const char *storage; // PyTorch's class, or NULL
    const char *torch;   // PyTorch's dtype
    gsize bytes;
    GanDtype dtype;
} Format;

static const Format FORMATS[GAN_N_ELEMENTS] = {
    [GAN_ELEMENT_F32] = {"F32", "FloatStorage", "float32", 4, GAN_DTYPE_F32},
    [GAN_ELEMENT_F16] = {"F16", "HalfStorage", "float16", 2, GAN_DTYPE_F16},
    [GAN_ELEMENT_BF16] = {"BF16", "BFloat16Storage", "bfloat16", 2, GAN_DTYPE_BF16},
    [GAN_ELEMENT_F64] = {"F64", "DoubleStorage", "float64", 8, GAN_DTYPE_F64},
    [GAN_ELEMENT_I64] = {"I64", "LongStorage", "int64", 8, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_I32] = {"I32", "IntStorage", "int32", 4, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_I16] = {"I16", "ShortStorage", "int16", 2, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_I8] = {"I8", "CharStorage", "int8", 1, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_U64] = {"U64", NULL, "uint64", 8, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_U32] = {"U32", NULL, "uint32", 4, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_U16] = {"U16", NULL, "uint16", 2, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_U8] = {"U8", "ByteStorage", "uint8", 1, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_BOOL] = {"BOOL", "BoolStorage", "bool", 1, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_F8_E4M3] = {"F8_E4M3", NULL, "float8_e4m3fn", 1, GAN_DTYPE_F8},
    [GAN_ELEMENT_F8_E5M2] = {"F8_E5M2", NULL, "float8_e5m2", 1, GAN_DTYPE_F8},
    [GAN_ELEMENT_F8_E4M3FNUZ] = {"F8_E4M3FNUZ", NULL, "float8_e4m3fnuz", 1, GAN_DTYPE_F8},
    [GAN_ELEMENT_F8_E5M2FNUZ] = {"F8_E5M2FNUZ", NULL, "float8_e5m2fnuz", 1, GAN_DTYPE_F8},
    [GAN_ELEMENT_F8_E8M0] = {"F8_E8M0", NULL, "float8_e8m0fnu", 1, GAN_DTYPE_F8},
    [GAN_ELEMENT_C32] = {"C32", "ComplexHalfStorage", "complex32", 4, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_C64] = {"C64", "ComplexFloatStorage", "complex64", 8, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_C128] = {"C128", "ComplexDoubleStorage", "complex128", 16, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_Q8] = {"quantized numbers", "QInt8Storage", "qint8", 1, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_QU8] = {"quantized numbers", "QUInt8Storage", "quint8", 1, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_Q32] = {"quantized numbers", "QInt32Storage", "qint32", 4, GAN_DTYPE_OTHER},
    // Several in a byte, which is what their storages count.
    [GAN_ELEMENT_Q4] = {"quantized numbers", "QUInt4x2Storage", "quint4x2", 1, GAN_DTYPE_OTHER},
    [GAN_ELEMENT_Q2] = {"quantized numbers", "QUInt2x4Storage", "quint2x4", 1, GAN_DTYPE_OTHER},
};

const char *gan_element_name(GanElement element)
{
    return FORMATS[element].name;
}

gsize gan_element_bytes(GanElement element)
{
    return FORMATS[element].bytes;
}

GanDtype gan_element_dtype(GanElement element)
{
    return FORMATS[element].dtype;
}

static gboolean equals(const char *name, gsize length, const char *wanted)
{
    return wanted != NULL && strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

gboolean gan_element_find(const char *name, gsize length, GanElement *element)
{
    for (guint i = 0; i < GAN_N_ELEMENTS; i++)
        if (equals(name, length, FORMATS[i].name)) {
            *element = (GanElement)i;
            return TRUE;
        }
    return FALSE;
}

gboolean gan_element_find_storage(const char *name, gsize length, GanElement *element)
{
    for (guint i = 0; i < GAN_N_ELEMENTS; i++)
        if (equals(name, length, FORMATS[i].storage)) {
            *element = (GanElement)i;
            return TRUE;
        }
    return FALSE;
}

gboolean gan_element_find_torch(const char *name, gsize length, GanElement *element)
{
    for (guint i = 0; i < GAN_N_ELEMENTS; i++)
        if (equals(name, length, FORMATS[i].torch)) {
            *element = (GanElement)i;
            return TRUE;
        }
    return FALSE;
}

gsize gan_stored_length(const GanStored *stored)
{
    gsize n = 1;
    for (guint i = 0; i < stored->rank; i++)
        if (stored->shape[i] == 0)
            return 0;
    for (guint i = 0; i < stored->rank; i++)
        n *= stored->shape[i];
    return n;
}

gboolean gan_stored_is_dense(const GanStored *stored)
{
    gsize wanted = 1;
    if (gan_stored_length(stored) == 0)
        return TRUE;
    for (guint i = stored->rank; i-- > 0;) {
        if (stored->shape[i] != 1 && stored->stride[i] != wanted)
            return FALSE;
        wanted *= stored->shape[i];
    }
    return TRUE;
}

static float bits_to_float(guint32 bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static guint32 float_to_bits(float value)
{
    guint32 bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static guint16 load16(const guint8 *at)
{
    guint16 v;
    memcpy(&v, at, sizeof v);
    return GUINT16_FROM_LE(v);
}

static guint32 load32(const guint8 *at)
{
    guint32 v;
    memcpy(&v, at, sizeof v);
    return GUINT32_FROM_LE(v);
}

static guint64 load64(const guint8 *at)
{
    guint64 v;
    memcpy(&v, at, sizeof v);
    return GUINT64_FROM_LE(v);
}

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
static float half_to_float(guint16 h)
{
    const guint32 sign = (guint32)(h & 0x8000u) << 16;
    const guint32 exponent = (h >> 10) & 31u, fraction = h & 0x3ffu;
    if (exponent == 31)
        return bits_to_float(sign | 0x7f800000u | fraction << 13);
    if (exponent != 0)
        return bits_to_float(sign | (exponent + 112u) << 23 | fraction << 13);
    const float magnitude = (float)fraction * 0x1p-24f; // zero and subnormals, exact in float32
    return sign != 0 ? -magnitude : magnitude;
}

static guint16 float_to_half(float value)
{
    const guint32 bits = float_to_bits(value);
    const guint16 sign = (guint16)(bits >> 16 & 0x8000u);
    const guint32 magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return (guint16)(sign | 0x7e00u); // NaN
    if (magnitude >= 0x477ff000u)         // 65520 and more round to infinity
        return (guint16)(sign | 0x7c00u);
    if (magnitude >= 0x38800000u) { // 2^-14: normal
        const guint32 odd = magnitude >> 13 & 1u;
        return (guint16)(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
    }
    // Subnormal: adding 1/2 leaves value / 2^-24, rounded to nearest even, in the lowest bits.
    const float sum = bits_to_float(magnitude) + 0.5f;
    return (guint16)(sign | (float_to_bits(sum) - float_to_bits(0.5f)));
}

// bfloat16 is the upper half of a float32.
static guint16 float_to_bfloat(float value)
{
    const guint32 bits = float_to_bits(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return (guint16)(bits >> 16 | 0x40u);
    return (guint16)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

// The formats of 8 bits (OCP 8-bit Floating Point Specification; FNUZ: arXiv:2206.02915, without
// infinities and negative zero): sign, exponent with this bias, fraction. E5M2 alone has
// infinities; E4M3's only NaNs are the codes of all ones; FNUZ's is what negative zero would be.
static float f8_to_float(guint8 code, int fraction_bits, int bias, GanElement element)
{
    const gboolean negative = (code & 0x80u) != 0;
    const int exponent = (code & 0x7f) >> fraction_bits;
    const int fraction = code & ((1 << fraction_bits) - 1);
    const gboolean fnuz = element == GAN_ELEMENT_F8_E4M3FNUZ || element == GAN_ELEMENT_F8_E5M2FNUZ;
    if ((fnuz && code == 0x80) || (element == GAN_ELEMENT_F8_E4M3 && (code & 0x7f) == 0x7f) ||
        (element == GAN_ELEMENT_F8_E5M2 && exponent == 31 && fraction != 0))
        return bits_to_float(0x7fc00000u);
    if (element == GAN_ELEMENT_F8_E5M2 && exponent == 31)
        return bits_to_float(negative ? 0xff800000u : 0x7f800000u);
    const int whole = exponent != 0 ? fraction | 1 << fraction_bits : fraction;
    const float magnitude =
        ldexpf((float)whole, (exponent != 0 ? exponent : 1) - bias - fraction_bits);
    return negative ? -magnitude : magnitude;
}

static float code_to_float(GanElement element, guint8 code)
{
    switch (element) {
    case GAN_ELEMENT_F8_E4M3:
        return f8_to_float(code, 3, 7, element);
    case GAN_ELEMENT_F8_E4M3FNUZ:
        return f8_to_float(code, 3, 8, element);
    case GAN_ELEMENT_F8_E5M2:
        return f8_to_float(code, 2, 15, element);
    case GAN_ELEMENT_F8_E5M2FNUZ:
        return f8_to_float(code, 2, 16, element);
    case GAN_ELEMENT_F8_E8M0: // a power of two
        return code == 255 ? bits_to_float(0x7fc00000u) : ldexpf(1, code - 127);
    default:
        g_assert_not_reached();
    }
}

// Converts `n` elements that lie `stride` elements apart.
static void row_to_float(GanElement element, const guint8 *in, gsize stride, gsize n, float *out)
{
    const gsize step = stride * FORMATS[element].bytes;
    switch (element) {
    case GAN_ELEMENT_F32:
        for (gsize i = 0; i < n; i++)
            out[i] = bits_to_float(load32(in + i * step));
        break;
    case GAN_ELEMENT_F16:
        for (gsize i = 0; i < n; i++)
            out[i] = half_to_float(load16(in + i * step));
        break;
    case GAN_ELEMENT_BF16:
        for (gsize i = 0; i < n; i++)
            out[i] = bits_to_float((guint32)load16(in + i * step) << 16);
        break;
    case GAN_ELEMENT_F64:
        for (gsize i = 0; i < n; i++) {
            const guint64 bits = load64(in + i * step);
            double value;
            memcpy(&value, &bits, sizeof value);
            out[i] = (float)value;
        }
        break;
    case GAN_ELEMENT_F8_E4M3:
    case GAN_ELEMENT_F8_E5M2:
    case GAN_ELEMENT_F8_E4M3FNUZ:
    case GAN_ELEMENT_F8_E5M2FNUZ:
    case GAN_ELEMENT_F8_E8M0: {
        float table[256];
        for (guint code = 0; code < 256; code++)
            table[code] = code_to_float(element, (guint8)code);
        for (gsize i = 0; i < n; i++)
            out[i] = table[in[i * step]];
        break;
    }
    default:
        g_assert_not_reached();
    }
}

void gan_stored_to_float(const GanStored *stored, float *out)
{
    const gsize length = gan_stored_length(stored);
    if (length == 0)
        return;
    if (gan_stored_is_dense(stored)) {
        row_to_float(stored->element, stored->first, 1, length, out);
        return;
    }
    // The last dimension is a row; an odometer over the others finds where each row begins.
    const guint outer = stored->rank - 1;
    const gsize row = stored->shape[outer];
    gsize index[GAN_TENSOR_MAX_RANK] = {0}, offset = 0;
    for (gsize done = 0; done < length; done += row) {
        row_to_float(stored->element, stored->first + offset * FORMATS[stored->element].bytes,
                     stored->stride[outer], row, out + done);
        for (guint d = outer; d-- > 0;) {
            offset += stored->stride[d];
            if (++index[d] < stored->shape[d])
                break;
            offset -= stored->stride[d] * stored->shape[d];
            index[d] = 0;
        }
    }
}

void gan_element_from_float(GanElement element, const float *in, gsize n, guint8 *out)
{
    switch (element) {
    case GAN_ELEMENT_F32:
        for (gsize i = 0; i < n; i++) {
            const guint32 bits = GUINT32_TO_LE(float_to_bits(in[i]));
            memcpy(out + 4 * i, &bits, sizeof bits);
        }
        break;
    case GAN_ELEMENT_F16:
    case GAN_ELEMENT_BF16:
        for (gsize i = 0; i < n; i++) {
            const guint16 half =
                element == GAN_ELEMENT_F16 ? float_to_half(in[i]) : float_to_bfloat(in[i]);
            const guint16 bits = GUINT16_TO_LE(half);
            memcpy(out + 2 * i, &bits, sizeof bits);
        }
        break;
    default:
        g_assert_not_reached();
    }
}
