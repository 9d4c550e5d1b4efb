// SPDX-License-Identifier: LGPL-3.0-or-later
// The inputs of a case, the memory it runs in, and the comparison with the double reference. One
// file: the guards and fills that the first two lay out are what the third looks for.
#include "oracle.h"

#include <math.h>
#include <string.h>

// Words before and after a buffer; a multiple of the memory's alignment.
static const size_t GUARD_WORDS = 64;

// A quiet NaN with a payload that no computation makes: "never written".
static const guint32 FILL_BITS = 0x7fc0dead;
static const guint32 GUARD_BITS = 0x7fc0face;

static float float_of_bits(guint32 bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static guint32 bits_of_float(float value)
{
    guint32 bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// A device's elements, and bits in their place for the two NaNs.
static const guint16 FILL_HALF_BITS = 0x7ead;
static const guint16 GUARD_HALF_BITS = 0x7ece;

// To nearest, ties to even: float16 has 10 bits of fraction and exponents from -14, bfloat16 7 bits
// and those of float.
static guint16 half_of_float(float value, GkDtype dtype)
{
    const guint32 bits = bits_of_float(value);
    if (bits == FILL_BITS || bits == GUARD_BITS)
        return bits == FILL_BITS ? FILL_HALF_BITS : GUARD_HALF_BITS;
    if (dtype == GK_BF16)
        return (guint16)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
    const guint16 sign = (guint16)(bits >> 16 & 0x8000u);
    const double magnitude = fabs((double)value);
    if (!(magnitude < 65520))
        return sign | 0x7c00u;
    int exponent = 0;
    frexp(magnitude, &exponent);
    const double unit = ldexp(1, MAX(exponent, -13) - 11);
    const double rounded = nearbyint(magnitude / unit) * unit;
    frexp(rounded, &exponent);
    if (rounded < ldexp(1, -14))
        return sign | (guint16)(rounded * 0x1p24);
    const double fraction = ldexp(rounded, 11 - exponent) - 1024;
    return (guint16)(sign | (guint32)(exponent + 14) << 10 | (guint32)fraction);
}

static float float_of_half(guint16 bits, GkDtype dtype)
{
    if (bits == FILL_HALF_BITS || bits == GUARD_HALF_BITS)
        return float_of_bits(bits == FILL_HALF_BITS ? FILL_BITS : GUARD_BITS);
    if (dtype == GK_BF16)
        return float_of_bits((guint32)bits << 16);
    const int exponent = bits >> 10 & 31, fraction = bits & 0x3ff;
    const double magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                             : exponent == 0 ? ldexp(fraction, -24)
                                             : ldexp(1024 + fraction, exponent - 25);
    return (float)(bits & 0x8000u ? -magnitude : magnitude);
}

// The value as an element of `dtype` holds it.
static float rounded(double value, GkDtype dtype)
{
    return dtype == GK_F32 ? (float)value
                           : float_of_half(half_of_float((float)value, dtype), dtype);
}

// splitmix64 (Steele, Lea, Flood 2014): a good stream from any seed, also from neighbouring ones.
static guint64 draw(guint64 *state)
{
    guint64 z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double draw_unit(guint64 *state)
{
    return (double)(draw(state) >> 11) / (double)(1ull << 53);
}

static size_t tensor_length(const CheckTensor *t)
{
    return t->n * t->h * t->w * t->c;
}

// Draws a value for each element of a buffer, so that operands that overlap in it agree.
static void draw_buffer(CheckOracle *oracle, size_t buffer, GkDtype dtype, guint64 *state)
{
    const CheckCase *c = oracle->c;
    const CheckBuffer *b = &c->buffer[buffer];
    const size_t length = b->n * b->h * b->w * b->c;
    double *units = g_new(double, length);
    for (size_t i = 0; i < length; i++)
        units[i] = draw_unit(state);
    for (size_t i = 0; i < c->n_tensors; i++) {
        const CheckTensor *t = &c->tensor[i];
        if (t->buffer != buffer || t->role != CHECK_IN)
            continue;
        float *value = oracle->values[i] = g_new0(float, tensor_length(t));
        for (size_t n = 0; n < t->n; n++)
            for (size_t y = t->top; y < t->top + t->h; y++)
                for (size_t x = t->left; x < t->left + t->w; x++)
                    for (size_t k = t->first; k < t->first + t->c; k++) {
                        const double unit = units[((n * b->h + y) * b->w + x) * b->c + k];
                        *value++ = rounded(t->low + (t->high - t->low) * unit, dtype);
                    }
    }
    g_free(units);
}

CheckOracle *check_oracle_new(const CheckCase *c, GkDtype dtype, gboolean with_reference)
{
    CheckOracle *oracle = g_new0(CheckOracle, 1);
    oracle->c = c;
    // The name is the seed: a new row in a table leaves the values of all others as they were.
    guint64 state = g_str_hash(c->name);
    for (size_t i = 0; i < c->n_vectors; i++) {
        const CheckVector *v = &c->vector[i];
        if (v->length)
            oracle->vectors[i] = g_new0(float, v->length);
        for (size_t k = 0; k < v->length; k++)
            oracle->vectors[i][k] = v->is_zero != NULL && v->is_zero(c, k)
                                        ? 0
                                        : (float)(v->low + (v->high - v->low) * draw_unit(&state));
    }
    for (size_t i = 0; i < c->n_buffers; i++)
        draw_buffer(oracle, i, dtype, &state);
    if (!with_reference)
        return oracle;

    GkView views[CHECK_MAX_TENSORS];
    const void *vectors[CHECK_MAX_VECTORS] = {NULL};
    for (size_t i = 0; i < c->n_vectors; i++) {
        if (!oracle->vectors[i])
            continue;
        double *vector = g_new(double, c->vector[i].length);
        for (size_t k = 0; k < c->vector[i].length; k++)
            vector[k] = oracle->vectors[i][k];
        vectors[i] = vector;
    }
    for (size_t i = 0; i < c->n_tensors; i++) {
        const CheckTensor *t = &c->tensor[i];
        if (t->same_as == i)
            oracle->expected[i] = g_new0(double, tensor_length(t));
        double *data = oracle->expected[t->same_as];
        const float *values = oracle->values[i];
        for (size_t k = 0; values && k < tensor_length(t); k++)
            data[k] = values[k];
        views[i] = gk_view_nhwc(data, GK_F64, t->n, t->h, t->w, t->c);
    }

    const GkBackend *backend = &gk_backend_ref_f64;
    CheckTarget target = {"ref-f64", backend, NULL, 0, NULL};
    g_assert(backend->open(&(GkOptions){0}, &target.ctx) == GK_OK);
    GkPlan *plan = NULL;
    const GkStatus status = c->call(c, &target, views, vectors, &plan);
    if (status != GK_OK)
        g_error("%s: the reference answers '%s'", c->name, gk_status_text(status));
    backend->plan_free(target.ctx, plan);
    backend->close(target.ctx);
    for (size_t i = 0; i < c->n_vectors; i++)
        g_free((void *)vectors[i]);
    return oracle;
}

void check_oracle_free(CheckOracle *oracle)
{
    if (!oracle)
        return;
    for (size_t i = 0; i < CHECK_MAX_TENSORS; i++) {
        g_free(oracle->values[i]);
        g_free(oracle->expected[i]);
    }
    for (size_t i = 0; i < CHECK_MAX_VECTORS; i++)
        g_free(oracle->vectors[i]);
    g_free(oracle);
}

static const GkDevice *device_of(const CheckTarget *target)
{
    return target->backend->device;
}

// Puts a buffer's words on the device; `words` tells how they lie there.
static void device_put(const CheckTarget *target, Guarded *g)
{
    const GkDtype dtype = g->dtype;
    g_autofree guint16 *halves = dtype == GK_F32 ? NULL : g_new(guint16, g->n_words);
    for (size_t i = 0; halves && i < g->n_words; i++)
        halves[i] = half_of_float(g->base[i], dtype);
    const GkTransfer transfer = {g->on_device, halves ? (void *)halves : g->base,
                                 g->n_words * gk_dtype_bytes(dtype)};
    const GkStatus status = device_of(target)->write(target->ctx, &transfer, 1);
    if (status != GK_OK)
        g_error("%s: %s", target->name, device_of(target)->error_text(target->ctx));
}

// Takes back what differs from the words that were put; the others keep the digits that a device's
// element has no room for.
static void device_get(const CheckTarget *target, Guarded *g)
{
    const GkDtype dtype = g->dtype;
    const size_t bytes = g->n_words * gk_dtype_bytes(dtype);
    g_autofree void *found = g_malloc(bytes);
    const GkTransfer transfer = {found, g->on_device, bytes};
    const GkStatus status = device_of(target)->read(target->ctx, &transfer, 1);
    if (status != GK_OK)
        g_error("%s: %s", target->name, device_of(target)->error_text(target->ctx));
    for (size_t i = 0; i < g->n_words; i++) {
        if (dtype == GK_F32)
            g->base[i] = ((float *)found)[i];
        else if (((guint16 *)found)[i] != half_of_float(g->base[i], dtype))
            g->base[i] = float_of_half(((guint16 *)found)[i], dtype);
    }
}

// The view on the device that stands for one of the shadow in the process's memory.
static GkView device_view(const Guarded *g, const GkView *shadow)
{
    GkView view = *shadow;
    view.dtype = g->dtype;
    view.data = (char *)g->on_device +
                (size_t)((float *)shadow->data - g->base) * gk_dtype_bytes(view.dtype);
    return view;
}

static GkView buffer_view(const CheckBuffer *b, const CheckTarget *target, void *data)
{
    if (device_of(target) && b->layout != CHECK_BLOCKED)
        return gk_view_lanes(data, GK_F32, b->n, b->h, b->w, b->c,
                             b->layout == CHECK_PLAN ? device_of(target)->lanes : 1);
    const gboolean blocked =
        b->layout == CHECK_BLOCKED || (b->layout == CHECK_PLAN && target->block == GK_BLOCK);
    return blocked ? gk_view_blocked(data, GK_F32, b->n, b->h, b->w, b->c)
                   : gk_view_nhwc(data, GK_F32, b->n, b->h, b->w, b->c);
}

// Marks the words of `view` in the owners' map of its buffer.
static void mark(Guarded *g, const GkView *view, Owner owner)
{
    g_assert(g->owner);
    const size_t start = (size_t)((const float *)view->data - g->base);
    for (size_t n = 0; n < view->n; n++)
        for (size_t y = 0; y < view->h; y++)
            for (size_t x = 0; x < view->w; x++)
                for (size_t c = 0; c < view->c; c++)
                    g->owner[start + gk_offset(view, n, y, x, c)] = (guint8)owner;
}

static void guarded_init(Guarded *g, const CheckBuffer *b, const CheckTarget *target)
{
    const GkView shape = buffer_view(b, target, NULL);
    const size_t inner = gk_view_bytes(&shape) / sizeof(float);
    g->n_words = inner + 2 * GUARD_WORDS;
    void *memory = target->backend->alloc(target->ctx, g->n_words * sizeof(float));
    if (!memory)
        g_error("%s: no memory for %zu words", target->name, g->n_words);
    // What is no picture of a plan is float32 on every device: weights, vectors, pictures
    // of few channels.
    g->dtype = device_of(target) && b->layout == CHECK_PLAN ? device_of(target)->dtype : GK_F32;
    if (device_of(target))
        g->on_device = memory;
    g->base = device_of(target) ? g_new(float, g->n_words) : memory;
    for (size_t i = 0; i < g->n_words; i++)
        g->base[i] =
            float_of_bits(i < GUARD_WORDS || i >= GUARD_WORDS + inner ? GUARD_BITS : FILL_BITS);
    g->view = buffer_view(b, target, g->base + GUARD_WORDS);
    g->owner = g_malloc0(g->n_words);
    // Lanes of the last block that belong to no channel may be overwritten.
    GkView lanes = g->view;
    lanes.c = (lanes.c + lanes.block - 1) / lanes.block * lanes.block;
    mark(g, &lanes, OWNER_NOBODY);
    mark(g, &g->view, OWNER_KEEP);
}

CheckMemory *check_memory_new(const CheckOracle *oracle, const CheckTarget *target)
{
    const CheckCase *c = oracle->c;
    CheckMemory *m = g_new0(CheckMemory, 1);
    m->oracle = oracle;
    m->target = target;
    for (size_t i = 0; i < c->n_buffers; i++)
        guarded_init(&m->buffers[i], &c->buffer[i], target);
    for (size_t i = 0; i < c->n_tensors; i++) {
        const CheckTensor *t = &c->tensor[i];
        Guarded *g = &m->buffers[t->buffer];
        GkView view = g->view;
        if (t->first || t->c != view.c)
            view = gk_view_channels(&view, t->first, t->c);
        if (t->top || t->left || t->h != view.h || t->w != view.w)
            view = gk_view_rectangle(&view, t->top, t->left, t->h, t->w);
        m->views[i] = view;
        if (t->role == CHECK_OUT)
            mark(g, &view, OWNER_RESULT);
        const float *value = oracle->values[i];
        for (size_t n = 0; value && n < t->n; n++)
            for (size_t y = 0; y < t->h; y++)
                for (size_t x = 0; x < t->w; x++)
                    for (size_t k = 0; k < t->c; k++)
                        ((float *)view.data)[gk_offset(&view, n, y, x, k)] = *value++;
    }
    for (size_t i = 0; i < c->n_buffers; i++)
        m->buffers[i].before = g_memdup2(m->buffers[i].base, m->buffers[i].n_words * sizeof(float));
    for (size_t i = 0; i < c->n_vectors; i++) {
        if (!oracle->vectors[i])
            continue;
        const size_t bytes = c->vector[i].length * sizeof(float);
        m->vectors[i] = g_memdup2(oracle->vectors[i], bytes);
        if (!device_of(target))
            continue;
        m->device_vectors[i] = target->backend->alloc(target->ctx, bytes);
        const GkTransfer transfer = {m->device_vectors[i], m->vectors[i], bytes};
        if (!m->device_vectors[i] || device_of(target)->write(target->ctx, &transfer, 1) != GK_OK)
            g_error("%s: no memory for %zu bytes", target->name, bytes);
    }
    return m;
}

void check_memory_free(CheckMemory *m)
{
    if (!m)
        return;
    const GkBackend *backend = m->target->backend;
    backend->plan_free(m->target->ctx, m->plan);
    for (size_t i = 0; i < m->oracle->c->n_buffers; i++) {
        Guarded *g = &m->buffers[i];
        backend->free(m->target->ctx, g->on_device ? g->on_device : g->base,
                      g->n_words * sizeof(float));
        if (g->on_device)
            g_free(g->base);
        g_free(g->before);
        g_free(g->owner);
    }
    for (size_t i = 0; i < CHECK_MAX_VECTORS; i++) {
        if (m->device_vectors[i])
            backend->free(m->target->ctx, m->device_vectors[i],
                          m->oracle->c->vector[i].length * sizeof(float));
        g_free(m->vectors[i]);
    }
    g_free(m);
}

void check_memory_restore(CheckMemory *m)
{
    for (size_t i = 0; i < m->oracle->c->n_buffers; i++)
        memcpy(m->buffers[i].base, m->buffers[i].before, m->buffers[i].n_words * sizeof(float));
}

GkStatus check_memory_call(CheckMemory *m)
{
    const CheckCase *c = m->oracle->c;
    const void *vectors[CHECK_MAX_VECTORS];
    for (size_t i = 0; i < CHECK_MAX_VECTORS; i++)
        vectors[i] = device_of(m->target) ? m->device_vectors[i] : m->vectors[i];
    if (!device_of(m->target))
        return c->call(c, m->target, m->views, vectors, &m->plan);
    GkView views[CHECK_MAX_TENSORS];
    for (size_t i = 0; i < c->n_tensors; i++)
        views[i] = device_view(&m->buffers[c->tensor[i].buffer], &m->views[i]);
    for (size_t i = 0; i < c->n_buffers; i++)
        device_put(m->target, &m->buffers[i]);
    const GkStatus status = c->call(c, m->target, views, vectors, &m->plan);
    for (size_t i = 0; i < c->n_buffers; i++)
        device_get(m->target, &m->buffers[i]);
    return status;
}

static char *check_device_vectors(const CheckMemory *m)
{
    const CheckCase *c = m->oracle->c;
    for (size_t i = 0; i < c->n_vectors; i++) {
        if (!m->device_vectors[i])
            continue;
        const size_t bytes = c->vector[i].length * sizeof(float);
        g_autofree void *found = g_malloc(bytes);
        const GkTransfer transfer = {found, m->device_vectors[i], bytes};
        if (device_of(m->target)->read(m->target->ctx, &transfer, 1) != GK_OK ||
            memcmp(found, m->oracle->vectors[i], bytes) != 0)
            return g_strdup_printf("the parameters '%s' were overwritten", c->vector[i].name);
    }
    return NULL;
}

// Says what lies at a word of a buffer.
static char *place_name(const CheckMemory *m, size_t buffer, size_t word)
{
    const Guarded *g = &m->buffers[buffer];
    if (word < GUARD_WORDS)
        return g_strdup_printf("guard word %zu before the buffer", GUARD_WORDS - word);
    if (word >= g->n_words - GUARD_WORDS)
        return g_strdup_printf("guard word %zu after the buffer",
                               word - (g->n_words - GUARD_WORDS) + 1);
    const GkView *v = &g->view;
    for (size_t n = 0; n < v->n; n++)
        for (size_t y = 0; y < v->h; y++)
            for (size_t x = 0; x < v->w; x++)
                for (size_t c = 0; c < v->c; c++)
                    if (gk_offset(v, n, y, x, c) == word - GUARD_WORDS)
                        return g_strdup_printf("n %zu, y %zu, x %zu, channel %zu of the buffer", n,
                                               y, x, c);
    return g_strdup_printf("word %zu of the buffer, between its planes", word - GUARD_WORDS);
}

// Looks for words that changed and should not have. Returns NULL or what is wrong.
static char *check_untouched(const CheckMemory *m, gboolean results_too)
{
    const CheckCase *c = m->oracle->c;
    for (size_t i = 0; i < c->n_buffers; i++) {
        const Guarded *g = &m->buffers[i];
        size_t n_changed = 0, first = 0;
        for (size_t k = 0; k < g->n_words; k++)
            if ((g->owner[k] == OWNER_KEEP || results_too) &&
                bits_of_float(g->base[k]) != bits_of_float(g->before[k]) && n_changed++ == 0)
                first = k;
        if (n_changed == 0)
            continue;
        g_autofree char *place = place_name(m, i, first);
        const char *name = "?";
        for (size_t k = c->n_tensors; k-- > 0;)
            if (c->tensor[k].buffer == i)
                name = c->tensor[k].name;
        return g_strdup_printf("%zu words of %s's buffer were overwritten, first: %s (%g, was %g)",
                               n_changed, name, place, (double)g->base[first],
                               (double)g->before[first]);
    }
    for (size_t i = 0; i < c->n_vectors; i++)
        if (m->vectors[i] &&
            memcmp(m->vectors[i], m->oracle->vectors[i], c->vector[i].length * sizeof(float)) != 0)
            return g_strdup_printf("the parameters '%s' were overwritten", c->vector[i].name);
    return check_device_vectors(m);
}

// Compares one result with the reference. Returns NULL or what is wrong, and raises the
// figures of `result`.
static char *check_values(const CheckMemory *m, size_t index, const CheckLimit *limit,
                          CheckResult *result)
{
    const CheckTensor *t = &m->oracle->c->tensor[index];
    const GkView *v = &m->views[index];
    const double *expected = m->oracle->expected[index];
    const size_t length = tensor_length(t);
    g_assert(length > 0);
    double largest = m->oracle->c->magnitude, power = 0;
    for (size_t i = 0; i < length; i++) {
        largest = MAX(largest, fabs(expected[i]));
        power += expected[i] * expected[i] / (double)length;
    }
    double worst = -1, error_power = 0;
    float worst_found = 0;
    size_t worst_index = 0, n_unwritten = 0, n_not_finite = 0, first_bad = 0, i = 0;
    for (size_t n = 0; n < t->n; n++)
        for (size_t y = 0; y < t->h; y++)
            for (size_t x = 0; x < t->w; x++)
                for (size_t c = 0; c < t->c; c++, i++) {
                    const float found = ((const float *)v->data)[gk_offset(v, n, y, x, c)];
                    if (!isfinite(found)) {
                        if (n_not_finite++ == 0)
                            first_bad = i;
                        n_unwritten += bits_of_float(found) == FILL_BITS;
                        continue;
                    }
                    const double error = fabs((double)found - expected[i]);
                    error_power += error * error / (double)length;
                    if (error > worst) {
                        worst = error;
                        worst_found = found;
                        worst_index = i;
                    }
                }
    const double max_abs = MAX(worst, 0) / largest, nmse = error_power / MAX(power, 0.01);
    result->max_abs = MAX(result->max_abs, max_abs);
    result->nmse = MAX(result->nmse, nmse);
    const gboolean far_off = max_abs > limit->max_abs || nmse > limit->nmse;
    if (n_not_finite == 0 && !far_off)
        return NULL;
    const size_t at = n_not_finite ? first_bad : worst_index;
    g_autofree char *place =
        g_strdup_printf("n %zu, y %zu, x %zu, channel %zu", at / (t->h * t->w * t->c),
                        at / (t->w * t->c) % t->h, at / t->c % t->w, at % t->c);
    if (n_not_finite)
        return g_strdup_printf("%zu of %zu values of %s are not finite (%zu were never written), "
                               "first at %s, where %g was wanted",
                               n_not_finite, length, t->name, n_unwritten, place, expected[at]);
    return g_strdup_printf("%s is off by max-abs %.3g, NMSE %.3g (limits %.3g, %.3g: %s); worst at "
                           "%s: found %.9g, wanted %.9g",
                           t->name, max_abs, nmse, limit->max_abs, limit->nmse, limit->reason,
                           place, (double)worst_found, expected[at]);
}

static void flip_lowest_bit(float *value)
{
    *value = float_of_bits(bits_of_float(*value) ^ 1u);
}

// Damages what --self-test asks for. Returns FALSE if the case has no such place.
static gboolean apply_damage(CheckMemory *m, CheckDamage damage, const CheckLimit *limit)
{
    const CheckCase *c = m->oracle->c;
    for (size_t i = 0; i < c->n_tensors; i++) {
        const CheckTensor *t = &c->tensor[i];
        const GkView *v = &m->views[i];
        Guarded *g = &m->buffers[t->buffer];
        // Somewhere inside, in the last image.
        const size_t n = t->n - 1, y = t->h / 2, x = t->w / 2, k = t->c / 3;
        float *value = (float *)v->data + gk_offset(v, n, y, x, k);
        double largest = c->magnitude;
        switch (damage) {
        case CHECK_DAMAGE_NONE:
            return TRUE;
        case CHECK_DAMAGE_VALUE:
            if (t->role != CHECK_OUT)
                break;
            for (size_t e = 0; e < tensor_length(t); e++)
                largest = MAX(largest, fabs(m->oracle->expected[i][e]));
            // The element may be off by the limit already, and the sum is rounded by as much again.
            if (limit->max_abs > 0)
                *value += (float)(3.5 * limit->max_abs * largest);
            else
                flip_lowest_bit(value);
            return TRUE;
        case CHECK_DAMAGE_UNWRITTEN:
            if (t->role != CHECK_OUT)
                break;
            *value = float_of_bits(FILL_BITS);
            return TRUE;
        case CHECK_DAMAGE_GUARD_BEFORE:
            flip_lowest_bit(&g->base[GUARD_WORDS - 1]);
            return TRUE;
        case CHECK_DAMAGE_GUARD_AFTER:
            flip_lowest_bit(&g->base[g->n_words - GUARD_WORDS]);
            return TRUE;
        case CHECK_DAMAGE_INPUT:
            if (t->role != CHECK_IN || t->same_as != i || g->owner[value - g->base] != OWNER_KEEP)
                break;
            flip_lowest_bit(value);
            return TRUE;
        case CHECK_DAMAGE_VECTOR:
            for (size_t p = 0; p < c->n_vectors; p++)
                if (m->vectors[p]) {
                    flip_lowest_bit(&m->vectors[p][c->vector[p].length / 2]);
                    return TRUE;
                }
            return FALSE;
        case CHECK_DAMAGE_NEIGHBOUR:
            if (t->role != CHECK_OUT)
                break;
            for (size_t word = GUARD_WORDS; word < g->n_words - GUARD_WORDS; word++)
                if (g->owner[word] == OWNER_KEEP && bits_of_float(g->before[word]) == FILL_BITS) {
                    g->base[word] = 0;
                    return TRUE;
                }
            break;
        case CHECK_DAMAGE_N:
            g_assert_not_reached();
        }
    }
    return FALSE;
}

// Runs the operation again with the plan that the first call made. Returns NULL or what is wrong.
static char *check_again(CheckMemory *m)
{
    const CheckCase *c = m->oracle->c;
    float *first[CHECK_MAX_TENSORS] = {NULL};
    for (size_t i = 0; i < c->n_buffers; i++)
        first[i] = g_memdup2(m->buffers[i].base, m->buffers[i].n_words * sizeof(float));
    check_memory_restore(m);
    const GkStatus status = check_memory_call(m);
    size_t n_different = 0;
    for (size_t i = 0; i < c->n_buffers; i++) {
        const Guarded *g = &m->buffers[i];
        g_assert(first[i]);
        for (size_t k = 0; k < g->n_words; k++)
            n_different += g->owner[k] != OWNER_NOBODY &&
                           bits_of_float(g->base[k]) != bits_of_float(first[i][k]);
        g_free(first[i]);
    }
    if (status != GK_OK)
        return g_strdup_printf("the second call with the same plan answers '%s'",
                               gk_status_text(status));
    if (n_different)
        return g_strdup_printf("a second call with the same plan gives %zu other values",
                               n_different);
    return NULL;
}

static CheckResult fail(CheckResult result, char *message)
{
    result.outcome = CHECK_FAILED;
    result.message = message;
    return result;
}

CheckResult check_run(const CheckOracle *oracle, const CheckTarget *target, const CheckLimit *limit,
                      CheckDamage damage)
{
    const CheckCase *c = oracle->c;
    g_autoptr(CheckMemory) m = check_memory_new(oracle, target);
    CheckResult result = {CHECK_PASSED, 0, 0, NULL};
    if (!limit)
        limit = c->limit;
    const GkStatus status = check_memory_call(m);
    if (status == GK_OK && !apply_damage(m, damage, limit)) {
        result.outcome = CHECK_NOTHING_TO_DAMAGE;
        return result;
    }
    char *message = check_untouched(m, status != GK_OK);
    GkView views[CHECK_MAX_TENSORS];
    for (size_t i = 0; i < c->n_tensors; i++) {
        views[i] = m->views[i];
        if (device_of(target))
            views[i].dtype = m->buffers[c->tensor[i].buffer].dtype;
    }
    if (!message && c->check_more)
        message = c->check_more(c, target, views, status);
    if (message)
        return fail(result, message);
    if (status == GK_ERROR_UNSUPPORTED) {
        result.outcome = CHECK_UNSUPPORTED;
        return result;
    }
    if (status != GK_OK)
        return fail(result, g_strdup_printf("answers '%s'", gk_status_text(status)));
    for (size_t i = 0; i < c->n_tensors && !message; i++)
        if (c->tensor[i].role == CHECK_OUT)
            message = check_values(m, i, limit, &result);
    if (!message && damage == CHECK_DAMAGE_NONE)
        message = check_again(m);
    return message ? fail(result, message) : result;
}
