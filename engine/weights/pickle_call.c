// SPDX-License-Identifier: LGPL-3.0-or-later
// The calls that weight files make, as data. Names must match exactly: an allow-list by prefix
// would let "torch.serialization" "os.system" through.
#include "pickle-private.h"
#include <string.h>

// Real keys are short numbers.
enum { KEY_MAX = 255 };

// A tensor may show an element many times (stride 0), but not blow a small file up beyond this.
static const gsize EXPANDED_MAX = 1 << 24;

typedef GanPickleValue *(*Call)(GanPickle *pickle, GanPickleValue *arguments);

static GanPickleValue *call_dict(GanPickle *pickle, GanPickleValue *arguments)
{
    GanPickleValue *dict = gan_pickle_value(pickle, GAN_PICKLE_DICT);
    if (dict == NULL || arguments->list.n == 0)
        return dict;
    // Python 2 writes OrderedDict([[key, value], …]).
    const GanPickleValue *pairs = arguments->list.items[0];
    if (arguments->list.n != 1 || pairs->kind != GAN_PICKLE_LIST)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "OrderedDict has unknown arguments");
    for (gsize i = 0; i < pairs->list.n; i++) {
        const GanPickleValue *pair = pairs->list.items[i];
        if ((pair->kind != GAN_PICKLE_LIST && pair->kind != GAN_PICKLE_TUPLE) || pair->list.n != 2)
            return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "OrderedDict has unknown arguments");
        if (!gan_pickle_set_items(pickle, dict, pair->list.items, 2))
            return NULL;
    }
    return dict;
}

static GanPickleValue *call_defaultdict(GanPickle *pickle, GanPickleValue *arguments)
{
    return gan_pickle_value(pickle, GAN_PICKLE_DICT);
}

static GanPickleValue *call_opaque(GanPickle *pickle, GanPickleValue *arguments)
{
    return gan_pickle_value(pickle, GAN_PICKLE_OPAQUE);
}

static gboolean read_size(const GanPickleValue *value, gsize *size)
{
    if (value->kind != GAN_PICKLE_INT || value->integer < 0)
        return FALSE;
    *size = (gsize)value->integer;
    return TRUE;
}

// The last element that the strides reach must lie in the view, which has `n_elements`.
static GanPickleValue *check_reach(GanPickle *pickle, const GanPickleTensor *tensor,
                                   gsize n_elements, gsize offset)
{
    gsize n = 1, last = offset;
    for (guint i = 0; i < tensor->rank; i++)
        if (tensor->shape[i] == 0)
            return gan_pickle_value(pickle, GAN_PICKLE_TENSOR);
    for (guint i = 0; i < tensor->rank; i++) {
        gsize step = 0;
        if (!g_size_checked_mul(&n, n, tensor->shape[i]) ||
            !g_size_checked_mul(&step, tensor->shape[i] - 1, tensor->stride[i]) ||
            !g_size_checked_add(&last, last, step)) {
            n = G_MAXSIZE;
            break;
        }
    }
    g_autofree char *shape = gan_shape_text(tensor->rank, tensor->shape);
    if (n > MAX(n_elements, EXPANDED_MAX))
        return gan_pickle_fail(
            pickle, GAN_ERROR_FORMAT,
            "a tensor of shape %s is too large for its storage of %" G_GSIZE_FORMAT " elements",
            shape, n_elements);
    if (last >= n_elements)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "a tensor of shape %s reaches past its storage of %" G_GSIZE_FORMAT
                               " elements",
                               shape, n_elements);
    return gan_pickle_value(pickle, GAN_PICKLE_TENSOR);
}

static GanPickleValue *not_a_tensor(GanPickle *pickle)
{
    return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                           "a tensor is not described by storage, offset, size and stride");
}

// (storage, offset, size, stride, …): a tensor of `element`.
static GanPickleValue *make_tensor(GanPickle *pickle, GanPickleValue *const *a, GanElement element)
{
    const GanPickleView *view = &a[0]->view;
    gsize offset = 0;
    if (!read_size(a[1], &offset) || a[2]->kind != GAN_PICKLE_TUPLE ||
        a[3]->kind != GAN_PICKLE_TUPLE)
        return not_a_tensor(pickle);
    const gsize rank = a[2]->list.n;
    if (rank > GAN_TENSOR_MAX_RANK || a[3]->list.n != rank)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "a tensor has %" G_GSIZE_FORMAT " sizes and %" G_GSIZE_FORMAT
                               " strides; equal numbers up to %d are wanted",
                               rank, a[3]->list.n, GAN_TENSOR_MAX_RANK);
    GanPickleTensor *tensor = gan_pickle_alloc(pickle, sizeof *tensor);
    if (tensor == NULL)
        return NULL;
    tensor->storage = view->storage;
    tensor->element = element;
    tensor->rank = (guint)rank;
    for (gsize i = 0; i < rank; i++)
        if (!read_size(a[2]->list.items[i], &tensor->shape[i]) ||
            !read_size(a[3]->list.items[i], &tensor->stride[i]))
            return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                                   "a tensor's size or stride is not a number from 0 to 2^63");
    const gsize n_elements =
        view->untyped ? view->n_elements / gan_element_bytes(element) : view->n_elements;
    GanPickleValue *value = check_reach(pickle, tensor, n_elements, offset);
    if (value == NULL)
        return NULL;
    tensor->offset = view->offset + MIN(offset, n_elements);
    value->tensor = tensor;
    return value;
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]); before
// version 0.4 _rebuild_tensor(storage, offset, size, stride).
static GanPickleValue *call_tensor(GanPickle *pickle, GanPickleValue *arguments)
{
    GanPickleValue *const *a = arguments->list.items;
    const gsize n = arguments->list.n;
    if ((n != 4 && n != 6 && n != 7) || a[0]->kind != GAN_PICKLE_STORAGE)
        return not_a_tensor(pickle);
    if (a[0]->view.untyped)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "a tensor in an UntypedStorage does not say its dtype");
    return make_tensor(pickle, a, a[0]->view.storage->element);
}

// _rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata]): what
// has no storage class of its own, as float8.
static GanPickleValue *call_typed_tensor(GanPickle *pickle, GanPickleValue *arguments)
{
    GanPickleValue *const *a = arguments->list.items;
    const gsize n = arguments->list.n;
    if ((n != 7 && n != 8) || a[0]->kind != GAN_PICKLE_STORAGE || !a[0]->view.untyped ||
        a[0]->view.offset != 0 || a[6]->kind != GAN_PICKLE_GLOBAL)
        return not_a_tensor(pickle);
    GanElement element;
    const char *dtype = a[6]->global.name;
    if (strcmp(a[6]->global.module, "torch") != 0 ||
        !gan_element_find_torch(dtype, strlen(dtype), &element))
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "tensors of dtype %.100s.%.100s are not read", a[6]->global.module,
                               dtype);
    return make_tensor(pickle, a, element);
}

// _rebuild_qtensor(storage, offset, size, stride, quantizer, requires_grad, hooks): integers that
// mean multiples of a step. It is seen, but its numbers are not to be had.
static GanPickleValue *call_quantized(GanPickle *pickle, GanPickleValue *arguments)
{
    GanPickleValue *const *a = arguments->list.items;
    if (arguments->list.n != 7 || a[0]->kind != GAN_PICKLE_STORAGE || a[0]->view.untyped)
        return not_a_tensor(pickle);
    const GanElement element = a[0]->view.storage->element;
    return element == GAN_ELEMENT_Q4 || element == GAN_ELEMENT_Q2
               ? gan_pickle_value(pickle, GAN_PICKLE_OPAQUE)
               : make_tensor(pickle, a, element);
}

static GanPickleValue *call_parameter(GanPickle *pickle, GanPickleValue *arguments)
{
    if (arguments->list.n < 1 || arguments->list.items[0]->kind != GAN_PICKLE_TENSOR)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "a parameter is not made of a tensor");
    return arguments->list.items[0];
}

static GanPickleValue *call_size(GanPickle *pickle, GanPickleValue *arguments)
{
    if (arguments->list.n != 1 || arguments->list.items[0]->kind != GAN_PICKLE_TUPLE)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT, "torch.Size is not made of a tuple");
    return arguments->list.items[0];
}

static GanPickleValue *call_from_type(GanPickle *pickle, GanPickleValue *arguments);

// What training checkpoints hold besides tensors and plain values: numbers of numpy, counters,
// settings. OPAQUE stands for it; nothing is made of it.
static const struct {
    const char *module, *name;
    Call call;
} ALLOWED[] = {
    {"collections", "OrderedDict", call_dict},
    {"typing", "OrderedDict", call_dict},
    {"collections", "defaultdict", call_defaultdict},
    {"torch._utils", "_rebuild_tensor_v2", call_tensor},
    {"torch._utils", "_rebuild_tensor_v3", call_typed_tensor},
    {"torch._utils", "_rebuild_tensor", call_tensor},
    {"torch._utils", "_rebuild_qtensor", call_quantized},
    {"torch._utils", "_rebuild_parameter", call_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", call_parameter},
    {"torch._utils", "_rebuild_device_tensor_from_cpu_tensor", call_parameter},
    {"torch.nn.parameter", "Parameter", call_parameter},
    {"torch.nn.parameter", "Buffer", call_parameter},
    {"torch._tensor", "_rebuild_from_type_v2", call_from_type},
    {"torch", "Size", call_size},
    {"torch", "device", call_opaque},
    {"torch._utils", "_rebuild_sparse_tensor", call_opaque},
    {"torch._utils", "_rebuild_nested_tensor", call_opaque},
    {"torch._utils", "_rebuild_meta_tensor_no_storage", call_opaque},
    {"torch._utils", "_rebuild_wrapper_subclass", call_opaque},
    {"torch._utils", "_rebuild_device_tensor_from_numpy", call_opaque},
    {"torch._utils", "_rebuild_xla_tensor", call_opaque},
    {"torch.serialization", "_get_layout", call_opaque},
    {"torch.jit._pickle", "build_intlist", call_opaque},
    {"torch.jit._pickle", "build_doublelist", call_opaque},
    {"torch.jit._pickle", "build_boollist", call_opaque},
    {"torch.jit._pickle", "build_tensorlist", call_opaque},
    {"torch.jit._pickle", "restore_type_tag", call_opaque},
    {"_codecs", "encode", call_opaque},
    // Protocol 2, which PyTorch writes, calls the module by its old name.
    {"__builtin__", "set", call_opaque},
    {"__builtin__", "frozenset", call_opaque},
    {"__builtin__", "complex", call_opaque},
    {"__builtin__", "bytearray", call_opaque},
    {"__builtin__", "xrange", call_opaque},
    {"__builtin__", "range", call_opaque},
    {"__builtin__", "slice", call_opaque},
    {"builtins", "set", call_opaque},
    {"builtins", "frozenset", call_opaque},
    {"builtins", "complex", call_opaque},
    {"builtins", "bytearray", call_opaque},
    {"builtins", "range", call_opaque},
    {"builtins", "slice", call_opaque},
    // As data: a name of something, never what the name stands for.
    {"__builtin__", "getattr", call_opaque},
    {"builtins", "getattr", call_opaque},
    {"__builtin__", "iter", call_opaque},
    {"builtins", "iter", call_opaque},
    {"collections", "ChainMap", call_opaque},
    {"collections", "Counter", call_opaque},
    {"collections", "deque", call_opaque},
    {"numpy", "dtype", call_opaque},
    {"numpy", "ndarray", call_opaque},
    {"numpy.core.multiarray", "scalar", call_opaque},
    {"numpy._core.multiarray", "scalar", call_opaque},
    {"numpy.core.multiarray", "_reconstruct", call_opaque},
    {"numpy._core.multiarray", "_reconstruct", call_opaque},
    {"numpy.core.numeric", "_frombuffer", call_opaque},
    {"numpy._core.numeric", "_frombuffer", call_opaque},
    {"numpy.random._pickle", "__randomstate_ctor", call_opaque},
    {"numpy.random._pickle", "__generator_ctor", call_opaque},
    {"numpy.random._pickle", "__bit_generator_ctor", call_opaque},
    {"numpy.random.bit_generator", "__pyx_unpickle_SeedSequence", call_opaque},
    {"functools", "partial", call_opaque},
    {"argparse", "Namespace", call_opaque},
    {"types", "SimpleNamespace", call_opaque},
    {"datetime", "datetime", call_opaque},
    {"datetime", "date", call_opaque},
    {"datetime", "time", call_opaque},
    {"datetime", "timedelta", call_opaque},
    {"datetime", "timezone", call_opaque},
    {"zoneinfo", "ZoneInfo._unpickle", call_opaque},
    {"re", "_compile", call_opaque},
    {"fractions", "Fraction", call_opaque},
    {"decimal", "Decimal", call_opaque},
    {"uuid", "UUID", call_opaque},
    {"pathlib", "Path", call_opaque},
    {"pathlib", "PosixPath", call_opaque},
    {"pathlib", "WindowsPath", call_opaque},
    {"pathlib", "PurePosixPath", call_opaque},
    {"pathlib", "PureWindowsPath", call_opaque},
    {"pathlib._local", "PosixPath", call_opaque},
    {"pathlib._local", "WindowsPath", call_opaque},
    {"easydict", "EasyDict", call_opaque},
    {"yacs.config", "CfgNode", call_opaque},
    {"addict.addict", "Dict", call_opaque},
    {"addict", "Dict", call_opaque},
    {"box.box", "Box", call_opaque},
    {"munch", "Munch", call_opaque},
    {"ml_collections.config_dict.config_dict", "ConfigDict", call_opaque},
    {"mmcv.utils.config", "ConfigDict", call_opaque},
    {"mmengine.config.config", "ConfigDict", call_opaque},
    {"mmengine.logging.history_buffer", "HistoryBuffer", call_opaque},
    {"omegaconf.dictconfig", "DictConfig", call_opaque},
    {"omegaconf.listconfig", "ListConfig", call_opaque},
    {"omegaconf.base", "ContainerMetadata", call_opaque},
    {"omegaconf.base", "Metadata", call_opaque},
    {"omegaconf.nodes", "AnyNode", call_opaque},
    {"omegaconf.nodes", "StringNode", call_opaque},
    {"omegaconf.nodes", "IntegerNode", call_opaque},
    {"omegaconf.nodes", "FloatNode", call_opaque},
    {"omegaconf.nodes", "BooleanNode", call_opaque},
    {"omegaconf.nodes", "PathNode", call_opaque},
    {"omegaconf.nodes", "EnumNode", call_opaque},
    {"omegaconf.nodes", "BytesNode", call_opaque},
    {"omegaconf.nodes", "UnionNode", call_opaque},
    {"pytorch_lightning.utilities.parsing", "AttributeDict", call_opaque},
    {"lightning.pytorch.utilities.parsing", "AttributeDict", call_opaque},
    {"lightning_fabric.utilities.data", "AttributeDict", call_opaque},
    {"lightning.fabric.utilities.data", "AttributeDict", call_opaque},
};

static Call find_call(const char *module, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(ALLOWED); i++)
        if (strcmp(module, ALLOWED[i].module) == 0 && strcmp(name, ALLOWED[i].name) == 0)
            return ALLOWED[i].call;
    return NULL;
}

// _rebuild_from_type_v2(function, type, arguments, state): a tensor with attributes of its own.
static GanPickleValue *call_from_type(GanPickle *pickle, GanPickleValue *arguments)
{
    GanPickleValue *const *a = arguments->list.items;
    if (arguments->list.n != 4 || a[0]->kind != GAN_PICKLE_GLOBAL ||
        a[2]->kind != GAN_PICKLE_TUPLE ||
        // It is never put around itself; a file that does so would make this recurse.
        find_call(a[0]->global.module, a[0]->global.name) == call_from_type)
        return not_a_tensor(pickle);
    return gan_pickle_call(pickle, a[0], a[2]);
}

GanPickleValue *gan_pickle_call(GanPickle *pickle, GanPickleValue *callable,
                                GanPickleValue *arguments)
{
    if (callable->kind != GAN_PICKLE_GLOBAL)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "the pickle calls something without a name");
    if (arguments->kind != GAN_PICKLE_TUPLE)
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "the pickle calls %.100s.%.100s without a tuple",
                               callable->global.module, callable->global.name);
    const char *module = callable->global.module, *name = callable->global.name;
    const Call call = find_call(module, name);
    if (call != NULL)
        return call(pickle, arguments);
    // TorchScript's classes are only names for groups of attributes; its code/ is not looked at.
    if (strcmp(module, "__torch__") == 0 || g_str_has_prefix(module, "__torch__."))
        return gan_pickle_value(pickle, GAN_PICKLE_OBJECT);
    return gan_pickle_fail(
        pickle, GAN_ERROR_FORBIDDEN,
        "it wants to call %.200s.%.200s; nothing was run. Only state dicts are read "
        "(tensors by name, torch.save(model.state_dict(), path)), not whole models or "
        "other Python objects",
        module, name);
}

gboolean gan_pickle_build(GanPickle *pickle, GanPickleValue *object, GanPickleValue *state)
{
    switch (object->kind) {
    case GAN_PICKLE_OBJECT:
        if (state->kind == GAN_PICKLE_DICT)
            return gan_pickle_set_items(pickle, object, state->list.items, state->list.n);
        return TRUE;
    case GAN_PICKLE_DICT: // a state dict's _metadata
    case GAN_PICKLE_OPAQUE:
        return TRUE;
    default:
        gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                        "the pickle sets the state of something that has none");
        return FALSE;
    }
}

static gboolean is_key(const GanPickleValue *value)
{
    return value->kind == GAN_PICKLE_STRING && value->string.length > 0 &&
           value->string.length <= KEY_MAX &&
           memchr(value->string.text, 0, value->string.length) == NULL;
}

static GanPickleStorage *intern_storage(GanPickle *pickle, const GanPickleValue *key,
                                        GanElement element, gsize n_elements)
{
    char name[KEY_MAX + 1] = "";
    memcpy(name, key->string.text, key->string.length);
    GanPickleStorage *storage = g_hash_table_lookup(pickle->storages, name);
    if (storage != NULL) {
        if (storage->element == element && storage->n_elements == n_elements)
            return storage;
        g_autofree char *safe = g_utf8_make_valid(name, -1);
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "storage '%.60s' is described in two ways: %" G_GSIZE_FORMAT
                               " x %s and %" G_GSIZE_FORMAT " x %s",
                               safe, storage->n_elements, gan_element_name(storage->element),
                               n_elements, gan_element_name(element));
    }
    storage = gan_pickle_alloc(pickle, sizeof *storage);
    if (storage == NULL)
        return NULL;
    char *copy = g_string_chunk_insert(pickle->strings, name);
    *storage = (GanPickleStorage){copy, element, n_elements, NULL};
    g_hash_table_insert(pickle->storages, copy, storage);
    return storage;
}

// ('storage', torch.FloatStorage, key, location, n_elements[, view]); a legacy file's view is None
// or (its key, first element, n_elements).
GanPickleValue *gan_pickle_persistent(GanPickle *pickle, GanPickleValue *id)
{
    const gsize n = id->kind == GAN_PICKLE_TUPLE ? id->list.n : 0;
    GanPickleValue *const *a = id->list.items;
    gsize n_elements = 0;
    // ('module', class, file, source): a class of a whole model, with its Python code. It stands
    // for its name here, too.
    if (n == 4 && gan_pickle_is_string(a[0], "module") && a[1]->kind == GAN_PICKLE_GLOBAL)
        return a[1];
    if ((n != 5 && n != 6) || !gan_pickle_is_string(a[0], "storage") ||
        a[1]->kind != GAN_PICKLE_GLOBAL || !is_key(a[2]) || a[3]->kind != GAN_PICKLE_STRING ||
        !read_size(a[4], &n_elements))
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "a persistent id does not describe a storage");
    GanElement element = GAN_ELEMENT_U8;
    const char *class = a[1]->global.name;
    const gboolean untyped =
        strcmp(a[1]->global.module, "torch.storage") == 0 && strcmp(class, "UntypedStorage") == 0;
    if (!untyped && ((strcmp(a[1]->global.module, "torch") != 0 &&
                      strcmp(a[1]->global.module, "torch.cuda") != 0) ||
                     !gan_element_find_storage(class, strlen(class), &element)))
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "storages of class %.100s.%.100s are not read", a[1]->global.module,
                               class);
    gsize bytes;
    if (!g_size_checked_mul(&bytes, n_elements, gan_element_bytes(element)))
        return gan_pickle_fail(pickle, GAN_ERROR_FORMAT,
                               "a storage's number of elements is too large");
    GanPickleStorage *storage = intern_storage(pickle, a[2], element, n_elements);
    GanPickleValue *value = storage != NULL ? gan_pickle_value(pickle, GAN_PICKLE_STORAGE) : NULL;
    if (value == NULL)
        return NULL;
    value->view = (GanPickleView){storage, 0, n_elements, untyped};
    if (n == 6 && a[5]->kind != GAN_PICKLE_NONE) {
        GanPickleView *view = &value->view;
        GanPickleValue *const *v = a[5]->list.items;
        if (a[5]->kind != GAN_PICKLE_TUPLE || a[5]->list.n != 3 ||
            !read_size(v[1], &view->offset) || !read_size(v[2], &view->n_elements) ||
            view->offset > n_elements || view->n_elements > n_elements - view->offset)
            return gan_pickle_fail(
                pickle, GAN_ERROR_FORMAT,
                "a view reaches past its storage of %" G_GSIZE_FORMAT " elements", n_elements);
    }
    return value;
}
