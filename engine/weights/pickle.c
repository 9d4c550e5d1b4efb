// SPDX-License-Identifier: LGPL-3.0-or-later
// The pickle machine's opcodes.
#include "pickle-private.h"
#include <string.h>

static const guint STACK_MAX = 1 << 21;
static const gsize MEMO_ENTRY_BYTES = 48;

// Marks a place on the stack; never part of a value.
static const GanPickleValue MARK = {.kind = GAN_PICKLE_NONE};

// --- bytes ---

static const guint8 *take(GanPickle *pickle, guint64 n)
{
    if (n > pickle->length - pickle->position)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the pickle is cut off");
    const guint8 *at = pickle->data + pickle->position;
    pickle->position += (gsize)n;
    return at;
}

// Reads `n` bytes as a little-endian number.
static gboolean take_number(GanPickle *pickle, guint n, guint64 *number)
{
    const guint8 *at = take(pickle, n);
    if (at == NULL)
        return FALSE;
    *number = 0;
    for (guint i = n; i-- > 0;)
        *number = *number << 8 | at[i];
    return TRUE;
}

static gboolean take_line(GanPickle *pickle, const char **text, gsize *length)
{
    const guint8 *at = pickle->data + pickle->position;
    const guint8 *end = memchr(at, '\n', pickle->length - pickle->position);
    if (end == NULL) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the pickle is cut off in a line of text");
        return FALSE;
    }
    *text = (const char *)at;
    *length = (gsize)(end - at);
    pickle->position += *length + 1;
    return TRUE;
}

// --- stack ---

static gboolean push(GanPickle *pickle, GanPickleValue *value)
{
    if (value == NULL)
        return FALSE;
    if (pickle->stack->len >= STACK_MAX) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the pickle's stack is too large");
        return FALSE;
    }
    g_ptr_array_add(pickle->stack, value);
    return TRUE;
}

static GanPickleValue *top(GanPickle *pickle)
{
    GPtrArray *stack = pickle->stack;
    if (stack->len == 0 || g_ptr_array_index(stack, stack->len - 1) == &MARK)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "the pickle takes more from its stack than is there");
    return g_ptr_array_index(stack, stack->len - 1);
}

static GanPickleValue *pop(GanPickle *pickle)
{
    GanPickleValue *value = top(pickle);
    if (value != NULL)
        g_ptr_array_set_size(pickle->stack, (gint)pickle->stack->len - 1);
    return value;
}

// Finds the values above the last mark. They stay where they are until drop_mark().
static gboolean find_mark(GanPickle *pickle, GanPickleValue ***items, gsize *n)
{
    const GPtrArray *stack = pickle->stack;
    for (guint i = stack->len; i-- > 0;)
        if (g_ptr_array_index(stack, i) == &MARK) {
            *items = (GanPickleValue **)stack->pdata + i + 1;
            *n = stack->len - i - 1;
            return TRUE;
        }
    gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "a mark is missing in the pickle");
    return FALSE;
}

static void drop_mark(GanPickle *pickle, gsize n)
{
    g_ptr_array_set_size(pickle->stack, (gint)(pickle->stack->len - n - 1));
}

static gboolean push_int(GanPickle *pickle, gint64 number)
{
    GanPickleValue *value = gan_pickle_value(pickle, GAN_PICKLE_INT);
    if (value != NULL)
        value->integer = number;
    return push(pickle, value);
}

static gboolean push_bool(GanPickle *pickle, gboolean truth)
{
    GanPickleValue *value = gan_pickle_value(pickle, GAN_PICKLE_BOOL);
    if (value != NULL)
        value->integer = truth;
    return push(pickle, value);
}

static gboolean push_float(GanPickle *pickle, double number)
{
    GanPickleValue *value = gan_pickle_value(pickle, GAN_PICKLE_FLOAT);
    if (value != NULL)
        value->real = number;
    return push(pickle, value);
}

static gboolean push_text(GanPickle *pickle, GanPickleKind kind, const char *text, gsize length)
{
    GanPickleValue *value = gan_pickle_value(pickle, kind);
    if (value != NULL) {
        value->string.text = text;
        value->string.length = length;
    }
    return push(pickle, value);
}

// A string with its length in `n` bytes before it.
static gboolean push_counted(GanPickle *pickle, GanPickleKind kind, guint n)
{
    guint64 length;
    if (!take_number(pickle, n, &length))
        return FALSE;
    const guint8 *text = take(pickle, length);
    return text != NULL && push_text(pickle, kind, (const char *)text, (gsize)length);
}

// A little-endian two's complement number of any length.
static gboolean push_long(GanPickle *pickle, guint n)
{
    guint64 length;
    if (!take_number(pickle, n, &length))
        return FALSE;
    const guint8 *at = length <= G_MAXINT32 ? take(pickle, length) : NULL;
    if (at == NULL) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "an integer's length is out of range");
        return FALSE;
    }
    if (length > 8)
        return push_text(pickle, GAN_PICKLE_BIG_INT, (const char *)at, (gsize)length);
    guint64 number = length > 0 && at[length - 1] >= 0x80 ? G_MAXUINT64 : 0;
    for (gsize i = (gsize)length; i-- > 0;)
        number = number << 8 | at[i];
    return push_int(pickle, (gint64)number);
}

static gboolean push_list(GanPickle *pickle, GanPickleKind kind, GanPickleValue *const *items,
                          gsize n)
{
    GanPickleValue *list = gan_pickle_value(pickle, kind);
    return list != NULL && gan_pickle_extend(pickle, list, items, n) && push(pickle, list);
}

// Replaces the last `n` values by a tuple of them.
static gboolean push_short_tuple(GanPickle *pickle, guint n)
{
    GanPickleValue *items[3];
    for (guint i = n; i-- > 0;)
        if ((items[i] = pop(pickle)) == NULL)
            return FALSE;
    return push_list(pickle, GAN_PICKLE_TUPLE, items, n);
}

// Replaces the values above the mark by a container of them.
static gboolean push_marked(GanPickle *pickle, GanPickleKind kind)
{
    GanPickleValue **items;
    gsize n;
    if (!find_mark(pickle, &items, &n))
        return FALSE;
    if (kind == GAN_PICKLE_DICT && n % 2 != 0)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "a dict has a key without a value") !=
               NULL;
    GanPickleValue *list = gan_pickle_value(pickle, kind);
    if (list == NULL || !(kind == GAN_PICKLE_DICT ? gan_pickle_set_items(pickle, list, items, n)
                                                  : gan_pickle_extend(pickle, list, items, n)))
        return FALSE;
    drop_mark(pickle, n);
    return push(pickle, list);
}

// Adds the values above the mark to the container below it. What is passed over (a queue, a dict
// of settings) loses its items, too.
static gboolean add_marked(GanPickle *pickle, GanPickleKind kind)
{
    GanPickleValue **items;
    gsize n;
    if (!find_mark(pickle, &items, &n))
        return FALSE;
    const guint below = pickle->stack->len - (guint)n - 1;
    GanPickleValue *list = below > 0 ? g_ptr_array_index(pickle->stack, below - 1) : NULL;
    if (list != NULL && list != &MARK && list->kind == GAN_PICKLE_OPAQUE) {
        drop_mark(pickle, n);
        return TRUE;
    }
    if (list == NULL || list == &MARK || list->kind != kind ||
        (kind == GAN_PICKLE_DICT && n % 2 != 0)) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                        "the pickle adds items to something that takes none");
        return FALSE;
    }
    if (!(kind == GAN_PICKLE_DICT ? gan_pickle_set_items(pickle, list, items, n)
                                  : gan_pickle_extend(pickle, list, items, n)))
        return FALSE;
    drop_mark(pickle, n);
    return TRUE;
}

static gboolean add_one(GanPickle *pickle, GanPickleKind kind)
{
    GanPickleValue *items[2] = {NULL, NULL};
    const guint n = kind == GAN_PICKLE_DICT ? 2 : 1;
    for (guint i = n; i-- > 0;)
        if ((items[i] = pop(pickle)) == NULL)
            return FALSE;
    GanPickleValue *list = top(pickle);
    if (list == NULL)
        return FALSE;
    if (list->kind == GAN_PICKLE_OPAQUE)
        return TRUE;
    if (list->kind != kind) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                        "the pickle adds an item to something that takes none");
        return FALSE;
    }
    return kind == GAN_PICKLE_DICT ? gan_pickle_set_items(pickle, list, items, n)
                                   : gan_pickle_extend(pickle, list, items, n);
}

// --- memo ---

static gboolean memo_put(GanPickle *pickle, guint64 index)
{
    GanPickleValue *value = top(pickle);
    if (value == NULL || !gan_pickle_spend(pickle, MEMO_ENTRY_BYTES))
        return FALSE;
    g_hash_table_insert(pickle->memo, GSIZE_TO_POINTER(index), value);
    return TRUE;
}

static gboolean memo_get(GanPickle *pickle, guint64 index)
{
    GanPickleValue *value = g_hash_table_lookup(pickle->memo, GSIZE_TO_POINTER(index));
    if (value == NULL)
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                        "the pickle's memo has no entry %" G_GUINT64_FORMAT, index);
    return push(pickle, value);
}

// --- protocol 0 ---

static gboolean take_decimal(GanPickle *pickle, gint64 *number, gboolean *truth)
{
    const char *text;
    gsize length;
    return take_line(pickle, &text, &length) &&
           gan_pickle_text_int(pickle, text, length, number, truth);
}

static gboolean push_decimal(GanPickle *pickle)
{
    gint64 number;
    gboolean truth;
    if (!take_decimal(pickle, &number, &truth))
        return FALSE;
    return truth ? push_bool(pickle, number != 0) : push_int(pickle, number);
}

static gboolean push_float_line(GanPickle *pickle)
{
    const char *text;
    gsize length;
    if (!take_line(pickle, &text, &length))
        return FALSE;
    g_autofree char *copy = g_strndup(text, MIN(length, 64));
    return push_float(pickle, g_ascii_strtod(copy, NULL));
}

static gboolean push_string_line(GanPickle *pickle, gboolean unicode)
{
    const char *text;
    gsize length;
    return take_line(pickle, &text, &length) &&
           gan_pickle_text_string(pickle, &text, &length, unicode) &&
           push_text(pickle, GAN_PICKLE_STRING, text, length);
}

// --- globals ---

static GanPickleValue *make_global(GanPickle *pickle, const char *module, gsize module_length,
                                   const char *name, gsize name_length)
{
    if (memchr(module, 0, module_length) != NULL || memchr(name, 0, name_length) != NULL)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the name of a global contains a NUL");
    GanPickleValue *value = gan_pickle_value(pickle, GAN_PICKLE_GLOBAL);
    if (value == NULL || !gan_pickle_spend(pickle, module_length + name_length + 2))
        return NULL;
    value->global.module =
        g_string_chunk_insert_len(pickle->strings, module, (gssize)module_length);
    value->global.name = g_string_chunk_insert_len(pickle->strings, name, (gssize)name_length);
    return value;
}

static GanPickleValue *take_global(GanPickle *pickle)
{
    const char *module, *name;
    gsize module_length, name_length;
    if (!take_line(pickle, &module, &module_length) || !take_line(pickle, &name, &name_length))
        return NULL;
    return make_global(pickle, module, module_length, name, name_length);
}

static gboolean push_stack_global(GanPickle *pickle)
{
    const GanPickleValue *name = pop(pickle), *module = pop(pickle);
    if (name == NULL || module == NULL)
        return FALSE;
    if (name->kind != GAN_PICKLE_STRING || module->kind != GAN_PICKLE_STRING) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the name of a global is not a string");
        return FALSE;
    }
    return push(pickle, make_global(pickle, module->string.text, module->string.length,
                                    name->string.text, name->string.length));
}

static gboolean call_popped(GanPickle *pickle, gboolean keywords)
{
    if (keywords && pop(pickle) == NULL)
        return FALSE;
    GanPickleValue *arguments = pop(pickle);
    GanPickleValue *callable = pop(pickle);
    if (arguments == NULL || callable == NULL)
        return FALSE;
    return push(pickle, gan_pickle_call(pickle, callable, arguments));
}

// INST names the class in the stream, OBJ puts it above the mark.
static gboolean call_marked(GanPickle *pickle, gboolean class_on_stack)
{
    GanPickleValue *callable = class_on_stack ? NULL : take_global(pickle);
    GanPickleValue **items;
    gsize n;
    if ((!class_on_stack && callable == NULL) || !find_mark(pickle, &items, &n))
        return FALSE;
    if (class_on_stack && n == 0) {
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the pickle makes an object without a class");
        return FALSE;
    }
    const guint first = class_on_stack ? 1 : 0;
    if (class_on_stack)
        callable = items[0];
    GanPickleValue *arguments = gan_pickle_value(pickle, GAN_PICKLE_TUPLE);
    if (arguments == NULL || !gan_pickle_extend(pickle, arguments, items + first, n - first))
        return FALSE;
    drop_mark(pickle, n);
    return push(pickle, gan_pickle_call(pickle, callable, arguments));
}

static gboolean persistent(GanPickle *pickle)
{
    GanPickleValue *id = pop(pickle);
    return id != NULL && push(pickle, gan_pickle_persistent(pickle, id));
}

static gboolean build(GanPickle *pickle)
{
    GanPickleValue *state = pop(pickle);
    GanPickleValue *object = state != NULL ? top(pickle) : NULL;
    return object != NULL && gan_pickle_build(pickle, object, state);
}

// --- opcodes ---

static gboolean check_protocol(GanPickle *pickle)
{
    guint64 protocol;
    if (!take_number(pickle, 1, &protocol))
        return FALSE;
    if (protocol > 5)
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "pickle protocol %u is unknown", (guint)protocol);
    return protocol <= 5;
}

static gboolean check_frame(GanPickle *pickle)
{
    guint64 bytes;
    if (!take_number(pickle, 8, &bytes))
        return FALSE;
    if (bytes > pickle->length - pickle->position)
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "a frame runs past the pickle's end");
    return bytes <= pickle->length - pickle->position;
}

static gboolean push_binary_float(GanPickle *pickle)
{
    const guint8 *at = take(pickle, 8);
    if (at == NULL)
        return FALSE;
    guint64 bits;
    memcpy(&bits, at, sizeof bits);
    bits = GUINT64_FROM_BE(bits);
    double number;
    memcpy(&number, &bits, sizeof number);
    return push_float(pickle, number);
}

static gboolean push_binary_int(GanPickle *pickle, guint n)
{
    guint64 number;
    if (!take_number(pickle, n, &number))
        return FALSE;
    return push_int(pickle, n == 4 ? (gint32)(guint32)number : (gint64)number);
}

static gboolean memo_put_counted(GanPickle *pickle, guint n)
{
    guint64 index;
    return take_number(pickle, n, &index) && memo_put(pickle, index);
}

static gboolean memo_get_counted(GanPickle *pickle, guint n)
{
    guint64 index;
    return take_number(pickle, n, &index) && memo_get(pickle, index);
}

static gboolean memo_put_line(GanPickle *pickle)
{
    gint64 index;
    return take_decimal(pickle, &index, NULL) && memo_put(pickle, (guint64)index);
}

static gboolean memo_get_line(GanPickle *pickle)
{
    gint64 index;
    return take_decimal(pickle, &index, NULL) && memo_get(pickle, (guint64)index);
}

static gboolean pop_marked(GanPickle *pickle)
{
    GanPickleValue **items;
    gsize n;
    if (!find_mark(pickle, &items, &n))
        return FALSE;
    drop_mark(pickle, n);
    return TRUE;
}

static gboolean pop_one(GanPickle *pickle)
{
    // POP also takes a mark away.
    GPtrArray *stack = pickle->stack;
    if (stack->len > 0 && g_ptr_array_index(stack, stack->len - 1) == &MARK) {
        g_ptr_array_set_size(stack, (gint)stack->len - 1);
        return TRUE;
    }
    return pop(pickle) != NULL;
}

static gboolean push_mark(GanPickle *pickle)
{
    return push(pickle, (GanPickleValue *)(guintptr)&MARK);
}

// Does one opcode. One case a line, in pickletools' order, so that the list can be
// compared with it.
static gboolean step(GanPickle *pickle, guint8 opcode)
{
    // clang-format off
    switch (opcode) {
    case 'I':  return push_decimal(pickle);
    case 'J':  return push_binary_int(pickle, 4);
    case 'K':  return push_binary_int(pickle, 1);
    case 'M':  return push_binary_int(pickle, 2);
    case 'L':  return push_decimal(pickle);
    case 0x8a: return push_long(pickle, 1);
    case 0x8b: return push_long(pickle, 4);
    case 'S':  return push_string_line(pickle, FALSE);
    case 'T':  return push_counted(pickle, GAN_PICKLE_STRING, 4);
    case 'U':  return push_counted(pickle, GAN_PICKLE_STRING, 1);
    case 'B':  return push_counted(pickle, GAN_PICKLE_BYTES, 4);
    case 'C':  return push_counted(pickle, GAN_PICKLE_BYTES, 1);
    case 0x8e:
    case 0x96: return push_counted(pickle, GAN_PICKLE_BYTES, 8);
    case 'N':  return push(pickle, gan_pickle_value(pickle, GAN_PICKLE_NONE));
    case 0x88: return push_bool(pickle, TRUE);
    case 0x89: return push_bool(pickle, FALSE);
    case 'V':  return push_string_line(pickle, TRUE);
    case 0x8c: return push_counted(pickle, GAN_PICKLE_STRING, 1);
    case 'X':  return push_counted(pickle, GAN_PICKLE_STRING, 4);
    case 0x8d: return push_counted(pickle, GAN_PICKLE_STRING, 8);
    case 'F':  return push_float_line(pickle);
    case 'G':  return push_binary_float(pickle);
    case ']':  return push_list(pickle, GAN_PICKLE_LIST, NULL, 0);
    case 'a':  return add_one(pickle, GAN_PICKLE_LIST);
    case 'e':  return add_marked(pickle, GAN_PICKLE_LIST);
    case 'l':  return push_marked(pickle, GAN_PICKLE_LIST);
    case ')':  return push_list(pickle, GAN_PICKLE_TUPLE, NULL, 0);
    case 't':  return push_marked(pickle, GAN_PICKLE_TUPLE);
    case 0x85: return push_short_tuple(pickle, 1);
    case 0x86: return push_short_tuple(pickle, 2);
    case 0x87: return push_short_tuple(pickle, 3);
    case '}':  return push_list(pickle, GAN_PICKLE_DICT, NULL, 0);
    case 'd':  return push_marked(pickle, GAN_PICKLE_DICT);
    case 's':  return add_one(pickle, GAN_PICKLE_DICT);
    case 'u':  return add_marked(pickle, GAN_PICKLE_DICT);
    case 0x8f: return push_list(pickle, GAN_PICKLE_SET, NULL, 0);
    case 0x90: return add_marked(pickle, GAN_PICKLE_SET);
    case 0x91: return push_marked(pickle, GAN_PICKLE_SET);
    case '0':  return pop_one(pickle);
    case '2':  return push(pickle, top(pickle));
    case '(':  return push_mark(pickle);
    case '1':  return pop_marked(pickle);
    case 'g':  return memo_get_line(pickle);
    case 'h':  return memo_get_counted(pickle, 1);
    case 'j':  return memo_get_counted(pickle, 4);
    case 'p':  return memo_put_line(pickle);
    case 'q':  return memo_put_counted(pickle, 1);
    case 'r':  return memo_put_counted(pickle, 4);
    case 0x94: return memo_put(pickle, g_hash_table_size(pickle->memo));
    case 'c':  return push(pickle, take_global(pickle));
    case 0x93: return push_stack_global(pickle);
    case 'R':  return call_popped(pickle, FALSE);
    case 'b':  return build(pickle);
    case 'i':  return call_marked(pickle, FALSE);
    case 'o':  return call_marked(pickle, TRUE);
    case 0x81: return call_popped(pickle, FALSE);
    case 0x92: return call_popped(pickle, TRUE);
    case 0x80: return check_protocol(pickle);
    case 0x95: return check_frame(pickle);
    case 'Q':  return persistent(pickle);
    default:
        // Extension codes, out-of-band buffers and textual persistent ids never stand
        // in weight files.
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "the pickle has an unknown opcode, 0x%02x", opcode);
        return FALSE;
    }
    // clang-format on
}

GanPickleValue *gan_pickle_load(GanPickle *pickle, GError **error)
{
    static const guint8 STOP = '.';
    g_hash_table_remove_all(pickle->memo);
    g_ptr_array_set_size(pickle->stack, 0);
    GanPickleValue *result = NULL;
    for (;;) {
        const guint8 *opcode = take(pickle, 1);
        if (opcode == NULL)
            break;
        if (*opcode == STOP) {
            result = pop(pickle);
            if (result != NULL && pickle->stack->len > 0)
                result = gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                                         "the pickle leaves values on its stack");
            break;
        }
        if (!step(pickle, *opcode))
            break;
    }
    if (result == NULL)
        g_propagate_error(error, g_steal_pointer(&pickle->error));
    return result;
}
