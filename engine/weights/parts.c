// SPDX-License-Identifier: LGPL-3.0-or-later
// The networks in a checkpoint. Training code puts them into dicts of its own (net_g, ema, …), and
// wrappers of modules put words before their names (model., params_ema., generator.); what stands
// below such a word is a part.
//
// The rule, where there are several: averaged weights come before others, a generator before a
// network of another name, and then the order of the file counts. A critic, a loss and the state of
// an optimizer are never taken, nor is what an average took the place of (traded.c). Which part it is,
// the families say: the first that is one of theirs.
#include "weights-private.h"
#include <string.h>

// Words deeper in a name than this are the network's own.
enum { DEPTH_MAX = 6, PARTS_MAX = 64 };

// ONLINE: what is trained, beside an average that wraps both.
typedef enum { PLAIN = 1, AVERAGED = 2, GENERATOR = 4, ASIDE = 8, ONLINE = 16 } Meaning;

// The words of keys such as "netG_ema", "model_state_dict", "genA2B", "optimizer_g".
static const struct {
    const char *words;
    Meaning meaning;
} MEANINGS[] = {
    {" ema avg average averaged swa shadow smoothed ", AVERAGED},
    {" g gen generator generators netg gema sr srnet ", GENERATOR},
    {" d dis disc discriminator discriminators netd critic critics loss losses lossfn criterion "
     "criterions perceptual percep lpips vgg vgg16 vgg19 optim optimizer optimizers optimiser "
     "scheduler schedulers sched scaler metric metrics psnr ssim ",
     ASIDE},
    {" online ", ONLINE},
    {" net nets network model models module modules param params parameters state dict statedict "
     "states weight weights target best last latest current checkpoint ckpt snapshot a b ab "
     "ba a2 b2 x y f e 0 1 2 gan student teacher arch wrapped inner unwrapped base core my lit pl "
     "system trainer learner task ",
     PLAIN},
};

// What counts and measures beside the weights, by the last segment of a name.
static const char COUNTERS[] = " _extra_state n_averaged total_ops total_params initted ";
static const char BATCHES[] = "num_batches_tracked";
// The same where it stands alone: one number, of the whole file.
static const char LONE_COUNTERS[] =
    " step steps global_step current_step iter iters iteration iterations epoch epochs decay "
    "num_updates updates seed version lr learning_rate psnr ssim best_psnr best_ssim loss "
    "best_loss "
    "best_score score ";

static gboolean is_listed(const char *list, const char *word, gsize length)
{
    const gsize n = strlen(list);
    for (const char *at = list; length > 0 && at + length + 1 < list + n; at++)
        if (at[0] == ' ' && at[length + 1] == ' ' && memcmp(at + 1, word, length) == 0)
            return TRUE;
    return FALSE;
}

static guint meaning_of_word(const char *word, gsize length)
{
    for (guint i = 0; i < G_N_ELEMENTS(MEANINGS); i++)
        if (is_listed(MEANINGS[i].words, word, length))
            return MEANINGS[i].meaning;
    return 0;
}

static gboolean begins_word(const char *text, gsize i, gsize length)
{
    const gboolean upper = g_ascii_isupper(text[i]);
    return upper &&
           (!g_ascii_isupper(text[i - 1]) || (i + 1 < length && g_ascii_islower(text[i + 1])));
}

// What the words of one segment mean together; `all`: whether each of them is known.
static guint meaning_of(const char *segment, gsize length, gboolean *all)
{
    char word[32];
    gsize n = 0;
    guint meaning = 0;
    *all = length > 0;
    for (gsize i = 0; i <= length; i++) {
        const gboolean apart = i == length || strchr("_- .", segment[i]) != NULL;
        if (n > 0 && (apart || begins_word(segment, i, length))) {
            const guint found = meaning_of_word(word, n);
            meaning |= found;
            *all = *all && found != 0;
            n = 0;
        }
        if (apart)
            continue;
        if (n == sizeof word) {
            *all = FALSE;
            return meaning;
        }
        word[n++] = g_ascii_tolower(segment[i]);
    }
    return meaning;
}

// Of a whole prefix, "state_dict.netG_ema.".
static guint meaning_of_prefix(const char *prefix)
{
    guint meaning = 0;
    gboolean all;
    for (const char *at = prefix; *at != 0;) {
        const gsize length = strcspn(at, ".");
        meaning |= meaning_of(at, length, &all);
        at += length + (at[length] == '.');
    }
    return meaning;
}

static const char *name_at(const GanWeights *weights, guint i)
{
    return g_array_index(weights->entries, GanWeightsEntry, i).name;
}

static gsize container_at(const GanWeights *weights, guint i)
{
    return g_array_index(weights->containers, guint, i);
}

static gboolean is_traded(const GanWeights *whole, guint i)
{
    return whole->traded != NULL && whole->traded[i];
}

// Whether a tensor counts or measures and is no part of any network. `name` is what follows the
// part's prefix.
static gboolean is_counter(const GanWeightsEntry *entry, const char *name)
{
    const char *dot = strrchr(name, '.');
    const char *last = dot != NULL ? dot + 1 : name;
    if (is_listed(COUNTERS, last, strlen(last)))
        return TRUE;
    gsize n = 1;
    for (guint i = 0; i < entry->rank; i++)
        n *= entry->shape[i] == 1 ? 1 : 2;
    return dot == NULL && n == 1 && is_listed(LONE_COUNTERS, name, strlen(name));
}

// --- finding the parts ---

typedef struct {
    char *prefix; // "", or with a dot at its end
    guint rank, order;
} Part;

static void part_clear(gpointer data)
{
    g_free(((Part *)data)->prefix);
}

static void add_part(const GanWeights *weights, GArray *parts, const char *prefix)
{
    guint meaning = meaning_of_prefix(prefix);
    for (guint i = 0; i < parts->len; i++)
        if (strcmp(g_array_index(parts, Part, i).prefix, prefix) == 0)
            return;
    if ((meaning & ASIDE) != 0 || parts->len == PARTS_MAX)
        return;
    const gboolean is_traded_dict = g_str_has_prefix(prefix, GAN_WEIGHTS_TRADED);
    if ((is_traded_dict || g_str_has_prefix(prefix, GAN_WEIGHTS_TRADED_FOR)) &&
        gan_weights_has_traded_dicts(weights))
        meaning = is_traded_dict ? meaning & ~(guint)AVERAGED : meaning | AVERAGED;
    const Part part = {.prefix = g_strdup(prefix),
                       .rank = ((meaning & (AVERAGED | ONLINE)) == AVERAGED ? 0 : 2) +
                               (meaning & GENERATOR ? 0 : 1),
                       .order = parts->len};
    g_array_append_val(parts, part);
}

// Goes on below `prefix` where the next segment of a name is a word for a network, or is the same
// in all names.
static void look_below(const GanWeights *weights, GArray *parts, const char *prefix,
                       const GArray *members, guint depth)
{
    if (depth == DEPTH_MAX)
        return;
    const gsize length = strlen(prefix);
    g_autoptr(GHashTable) groups =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    g_autoptr(GPtrArray) in_order = g_ptr_array_new();
    for (guint k = 0; k < members->len; k++) {
        const guint i = g_array_index(members, guint, k);
        const GanWeightsEntry *entry = &g_array_index(weights->entries, GanWeightsEntry, i);
        const char *rest = entry->name + length, *dot = strchr(rest, '.');
        if (is_counter(entry, rest) || is_traded(weights, i))
            continue;
        g_autofree char *group = g_strndup(rest, dot != NULL ? (gsize)(dot - rest) : 0);
        GArray *list = g_hash_table_lookup(groups, group);
        if (list == NULL) {
            list = g_array_new(FALSE, FALSE, sizeof(guint));
            g_ptr_array_add(in_order, group);
            g_hash_table_insert(groups, g_steal_pointer(&group), list);
        }
        g_array_append_val(list, i);
    }
    for (guint g = 0; g < in_order->len; g++) {
        const char *group = in_order->pdata[g];
        gboolean all;
        const guint meaning = meaning_of(group, strlen(group), &all);
        if (group[0] == 0 || !(all || in_order->len == 1) || (all && (meaning & ASIDE) != 0))
            continue;
        g_autofree char *below = g_strconcat(prefix, group, ".", NULL);
        add_part(weights, parts, below);
        look_below(weights, parts, below, g_hash_table_lookup(groups, group), depth + 1);
    }
}

static int compare_parts(const void *a, const void *b)
{
    const Part *left = a, *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

// The prefixes of all parts, best first.
static GArray *find_parts(const GanWeights *weights)
{
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(Part));
    g_array_set_clear_func(parts, part_clear);
    g_autoptr(GHashTable) containers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    g_autoptr(GPtrArray) in_order = g_ptr_array_new();
    for (guint i = 0; i < weights->entries->len; i++) {
        g_autofree char *prefix = g_strndup(name_at(weights, i), container_at(weights, i));
        GArray *members = g_hash_table_lookup(containers, prefix);
        if (members == NULL) {
            members = g_array_new(FALSE, FALSE, sizeof(guint));
            g_ptr_array_add(in_order, prefix);
            g_hash_table_insert(containers, g_steal_pointer(&prefix), members);
        }
        g_array_append_val(members, i);
    }
    for (guint i = 0; i < in_order->len; i++) {
        const char *prefix = in_order->pdata[i];
        add_part(weights, parts, prefix);
        if ((meaning_of_prefix(prefix) & ASIDE) == 0)
            look_below(weights, parts, prefix, g_hash_table_lookup(containers, prefix), 0);
    }
    g_array_sort(parts, compare_parts);
    return parts;
}

// --- one part ---

// Whether the entry is of the part: below its prefix, in no dict further down, no counter, and not
// of a critic or a loss that stands there beside the network.
static gboolean is_member(const GanWeights *weights, guint i, const char *prefix)
{
    const GanWeightsEntry *entry = &g_array_index(weights->entries, GanWeightsEntry, i);
    const gsize length = strlen(prefix);
    if (!g_str_has_prefix(entry->name, prefix) || entry->name[length] == 0 ||
        container_at(weights, i) > length || is_counter(entry, entry->name + length) ||
        is_traded(weights, i))
        return FALSE;
    const char *rest = entry->name + length, *dot = strchr(rest, '.');
    gboolean all = FALSE;
    const guint meaning = dot != NULL ? meaning_of(rest, (gsize)(dot - rest), &all) : 0;
    return !(all && (meaning & ASIDE) != 0);
}

// What an entry outside of the part is called: by its first segments that the part does not share.
// A counter among the part's own tensors has its full name.
static char *label_of(const GanWeights *weights, guint i, const char *prefix)
{
    const GanWeightsEntry *entry = &g_array_index(weights->entries, GanWeightsEntry, i);
    const char *name = entry->name;
    if (is_traded(weights, i))
        return g_strdup_printf("%.*sema_…", (int)container_at(weights, i), name);
    if (g_str_has_prefix(name, prefix) && container_at(weights, i) <= strlen(prefix) &&
        is_counter(entry, name + strlen(prefix)))
        return g_strdup(name);
    gsize end = strcspn(name, ".");
    while (name[end] == '.' && strncmp(name, prefix, end + 1) == 0)
        end += 1 + strcspn(name + end + 1, ".");
    return g_strndup(name, end);
}

char **gan_weights_left_out(const GanWeights *weights)
{
    const GanWeights *whole = weights->whole != NULL ? weights->whole : weights;
    const char *prefix = weights->prefix != NULL ? weights->prefix : "";
    g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) labels = g_ptr_array_new();
    for (guint i = 0; i < whole->entries->len; i++) {
        // Batch norm's counters are of no use to anybody.
        if (is_member(whole, i, prefix) || g_str_has_suffix(name_at(whole, i), BATCHES))
            continue;
        char *label = label_of(whole, i, prefix);
        const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, label));
        if (n == 0)
            g_ptr_array_add(labels, label);
        g_hash_table_insert(counts, label, GUINT_TO_POINTER(n + 1));
    }
    GPtrArray *texts = g_ptr_array_new();
    for (guint i = 0; i < labels->len; i++) {
        const char *label = labels->pdata[i];
        const guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, label));
        g_ptr_array_add(texts,
                        n == 1 ? g_strdup(label) : g_strdup_printf("%s (%u tensors)", label, n));
    }
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(texts, FALSE);
}

char **gan_weights_part_names(const GanWeights *weights)
{
    g_autoptr(GArray) parts = find_parts(weights->whole != NULL ? weights->whole : weights);
    GPtrArray *names = g_ptr_array_new();
    for (guint i = 0; i < parts->len; i++)
        g_ptr_array_add(names, g_strdup(g_array_index(parts, Part, i).prefix));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

GanWeights *gan_weights_part(GanWeights *weights, const char *name)
{
    g_return_val_if_fail(weights != NULL && name != NULL, NULL);
    GanWeights *whole = weights->whole != NULL ? weights->whole : weights;
    GanWeights *part = gan_weights_new(whole->path);
    part->whole = gan_weights_ref(whole);
    part->prefix = g_strdup(name);
    part->container = whole->container;
    part->data = whole->data;
    part->length = whole->length;
    g_hash_table_unref(part->metadata);
    part->metadata = g_hash_table_ref(whole->metadata);
    const gsize length = strlen(name);
    for (guint i = 0; i < whole->entries->len; i++) {
        if (!is_member(whole, i, name))
            continue;
        GanWeightsEntry entry = g_array_index(whole->entries, GanWeightsEntry, i);
        entry.name += length; // the whole's, which the part keeps
        const guint below =
            (guint)(container_at(whole, i) > length ? container_at(whole, i) - length : 0);
        g_array_append_val(part->entries, entry);
        g_array_append_val(part->containers, below);
        g_array_append_vals(part->stored, &g_array_index(whole->stored, GanStored, i), 1);
        g_hash_table_insert(part->index, (gpointer)entry.name,
                            GUINT_TO_POINTER(part->entries->len));
    }
    const char *own = weights->prefix != NULL ? weights->prefix : "";
    if (strcmp(own, name) == 0 && part->entries->len == weights->entries->len) {
        gan_weights_unref(part);
        return gan_weights_ref(weights);
    }
    return part;
}

char *gan_weights_part_name(const GanWeights *weights)
{
    const gsize length = weights->prefix != NULL ? strlen(weights->prefix) : 0;
    return length > 0 ? g_strndup(weights->prefix, length - 1) : NULL;
}

// --- names as the network has them ---

// What wrappers of modules write into names, at their beginning or where a part was wrapped:
// torch.compile, DataParallel and AveragedModel, FSDP, activation checkpointing, Lightning Fabric.
static const char WRAPPERS[] =
    " _orig_mod module _fsdp_wrapped_module _checkpoint_wrapped_module _forward_module ";

static char *without_wrappers(const char *name, gsize container)
{
    GString *clean = g_string_new_len(name, (gssize)container);
    for (const char *at = name + container;;) {
        const gsize length = strcspn(at, ".");
        const gboolean is_last = at[length] == 0;
        if (is_last || !is_listed(WRAPPERS, at, length))
            g_string_append_len(clean, at, (gssize)(length + !is_last));
        if (is_last)
            return g_string_free(clean, FALSE);
        at += length + 1;
    }
}

void gan_weights_unwrap_names(GanWeights *weights)
{
    const guint n = weights->entries->len;
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GHashTable) index = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < n; i++) {
        g_autofree char *clean = without_wrappers(name_at(weights, i), container_at(weights, i));
        char *kept = g_string_chunk_insert(weights->names, clean);
        // Two tensors of one name: then the words meant something.
        if (kept[0] == 0 || !g_hash_table_insert(index, kept, GUINT_TO_POINTER(i + 1)))
            return;
        g_ptr_array_add(names, kept);
    }
    for (guint i = 0; i < n; i++)
        g_array_index(weights->entries, GanWeightsEntry, i).name = names->pdata[i];
    g_hash_table_unref(weights->index);
    weights->index = g_steal_pointer(&index);
}
