// SPDX-License-Identifier: LGPL-3.0-or-later
// Every file of tests/golden/hostile is read or refused as its index says, in bounded
// time and memory.
#include <gan/weights.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// A sanitizer reserves address space by the terabyte.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

static const rlim_t ADDRESS_SPACE_MAX = (rlim_t)1 << 30;
static const long RESIDENT_MAX_KB = 256 << 10;
static const guint SECONDS_MAX = 5;

// Appends the numbers of nested arrays.
static void flatten(JsonNode *node, GArray *numbers)
{
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        const double number = json_node_get_double(node);
        g_array_append_val(numbers, number);
        return;
    }
    JsonArray *array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++)
        flatten(json_array_get_element(array, i), numbers);
}

// Returns what is wrong with a tensor, or NULL.
static char *judge_tensor(GanWeights *weights, const char *name, JsonNode *expected)
{
    const GanWeightsEntry *entry = gan_weights_find(weights, name);
    if (entry == NULL)
        return g_strdup_printf("tensor '%.60s' is missing", name);
    if (entry->dtype == GAN_DTYPE_OTHER)
        return NULL; // integers are not handed out; judge_loaded() asserts that
    g_autoptr(GError) error = NULL;
    g_autoptr(GanTensor) tensor = gan_weights_tensor(weights, name, &error);
    if (tensor == NULL)
        return g_strdup(error->message);
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(double));
    flatten(expected, numbers);
    if (gan_tensor_length(tensor) != numbers->len)
        return g_strdup_printf("tensor '%.60s' has %zu elements; %u are wanted", name,
                               gan_tensor_length(tensor), numbers->len);
    for (guint i = 0; i < numbers->len; i++)
        if ((double)tensor->data[i] != (double)(float)g_array_index(numbers, double, i))
            return g_strdup_printf("element %u of tensor '%.60s' is %g, not %g", i, name,
                                   (double)tensor->data[i], g_array_index(numbers, double, i));
    return NULL;
}

static char *judge_loaded(GanWeights *weights, JsonObject *entry)
{
    if (strcmp(json_object_get_string_member(entry, "must"), "refuse") == 0)
        return g_strdup("was read; it must be refused");
    // Whatever the index says, every tensor can be asked for.
    for (guint i = 0; i < gan_weights_n_entries(weights); i++) {
        const GanWeightsEntry *e = gan_weights_entry(weights, i);
        g_autoptr(GError) error = NULL;
        g_autoptr(GanTensor) tensor = gan_weights_tensor(weights, e->name, &error);
        if ((tensor != NULL) == (e->dtype == GAN_DTYPE_OTHER))
            return g_strdup_printf("tensor '%.60s': %s", e->name,
                                   error != NULL ? error->message : "integers were handed out");
        double sum = 0;
        for (gsize k = 0; tensor != NULL && k < gan_tensor_length(tensor); k++)
            sum += (double)tensor->data[k];
        if (sum == 0.123456789) // uses the sum, so that the elements are touched
            g_test_message("%g", sum);
    }
    if (!json_object_has_member(entry, "expect"))
        return NULL;
    JsonObject *expected = json_object_get_object_member(entry, "expect");
    g_autoptr(GList) names = json_object_get_members(expected);
    for (GList *l = names; l != NULL; l = l->next) {
        char *complaint = judge_tensor(weights, l->data, json_object_get_member(expected, l->data));
        if (complaint != NULL)
            return complaint;
    }
    return NULL;
}

static char *judge_refusal(const GError *error, const char *path, JsonObject *entry)
{
    if (strcmp(json_object_get_string_member(entry, "must"), "load") == 0)
        return g_strdup_printf("must be read, but: %s", error->message);
    if (error->domain != GAN_ERROR ||
        (error->code != GAN_ERROR_FORMAT && error->code != GAN_ERROR_FORBIDDEN))
        return g_strdup_printf("error code %d: %s", error->code, error->message);
    if (!g_utf8_validate(error->message, -1, NULL))
        return g_strdup("the message is not UTF-8");
    g_autofree char *base = g_path_get_basename(path);
    if (!g_str_has_prefix(error->message, base))
        return g_strdup_printf("the message does not begin with the file's name: %s",
                               error->message);
    const char *mention = json_object_has_member(entry, "error_should_mention")
                              ? json_object_get_string_member(entry, "error_should_mention")
                              : "";
    g_autofree char *message = g_utf8_casefold(error->message, -1);
    g_autofree char *wanted = g_utf8_casefold(mention, -1);
    if (strstr(message, wanted) == NULL)
        return g_strdup_printf("the message does not mention '%s': %s", mention, error->message);
    const gboolean forbidden = g_str_has_prefix(base, "exec-") && strstr(base, "extension") == NULL;
    if (forbidden && error->code != GAN_ERROR_FORBIDDEN)
        return g_strdup_printf("is not GAN_ERROR_FORBIDDEN: %s", error->message);
    return NULL;
}

// Returns what is wrong with how the file is treated, or NULL.
static char *judge(const char *path, JsonObject *entry)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GanWeights) weights = gan_weights_open(path, &error);
    char *complaint =
        weights != NULL ? judge_loaded(weights, entry) : judge_refusal(error, path, entry);
    if (complaint != NULL)
        return complaint;
    g_test_message("%s", error != NULL ? error->message : "read");

    g_autofree char *content = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(path, &content, &length, NULL));
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&content), length);
    g_autoptr(GError) again = NULL;
    g_autoptr(GanWeights) in_memory = gan_weights_open_bytes(bytes, path, &again);
    if ((again == NULL) != (error == NULL) ||
        (again != NULL && error != NULL && strcmp(again->message, error->message) != 0))
        return g_strdup("the file and the same bytes in memory are treated differently");
    return in_memory != NULL ? judge_loaded(in_memory, entry) : NULL;
}

static char *golden_path(JsonObject *entry)
{
    return g_test_build_filename(G_TEST_DIST, "golden",
                                 json_object_get_string_member(entry, "file"), NULL);
}

static void run_limited(const char *path, JsonObject *entry)
{
    const struct rlimit limit = {ADDRESS_SPACE_MAX, ADDRESS_SPACE_MAX};
    if (!SANITIZED)
        setrlimit(RLIMIT_AS, &limit);
    alarm(SECONDS_MAX);
    g_autofree char *complaint = judge(path, entry);
    if (complaint != NULL)
        g_printerr("%s: %s\n", path, complaint);
    _exit(complaint != NULL);
}

// A child of its own, so that a limit or a crash costs one file.
static void test_file(gconstpointer data)
{
    JsonObject *entry = (JsonObject *)(guintptr)data;
    g_autofree char *path = golden_path(entry);
    const pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0)
        run_limited(path, entry);
    int status = 0;
    struct rusage usage;
    g_assert_cmpint(wait4(child, &status, 0, &usage), ==, child);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
    if (!SANITIZED)
        g_assert_cmpint(usage.ru_maxrss, <, RESIDENT_MAX_KB);
}

static JsonObject *find_entry(JsonArray *index, const char *file)
{
    for (guint i = 0; i < json_array_get_length(index); i++) {
        JsonObject *entry = json_array_get_object_element(index, i);
        if (strcmp(json_object_get_string_member(entry, "file"), file) == 0)
            return entry;
    }
    g_error("the index does not list %s", file);
}

// The judge itself must notice a wrong value, a file that should have been refused, and
// a bad message.
static void test_judge_can_fail(gconstpointer data)
{
    JsonArray *index = (JsonArray *)(guintptr)data;
    JsonObject *good = find_entry(index, "hostile/ok-plain.pth");
    JsonObject *bad = find_entry(index, "hostile/exec-os-system.pth");
    g_autofree char *good_path = golden_path(good), *bad_path = golden_path(bad);
    static const char *const WRONG[] = {
        "{\"must\":\"load\",\"expect\":{\"b\":[0.5,-1.0,2.5]}}",
        "{\"must\":\"load\",\"expect\":{\"b\":[0.5,-1.0]}}",
        "{\"must\":\"load\",\"expect\":{\"c\":[0.5]}}",
        "{\"must\":\"refuse\"}",
    };
    for (guint i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(JsonNode) node = json_from_string(WRONG[i], NULL);
        g_autofree char *complaint = judge(good_path, json_node_get_object(node));
        g_assert_nonnull(complaint);
    }
    static const char *const WRONG_REFUSALS[] = {
        "{\"must\":\"load\"}", "{\"must\":\"refuse\",\"error_should_mention\":\"nt.rename\"}"};
    for (guint i = 0; i < G_N_ELEMENTS(WRONG_REFUSALS); i++) {
        g_autoptr(JsonNode) node = json_from_string(WRONG_REFUSALS[i], NULL);
        g_autofree char *complaint = judge(bad_path, json_node_get_object(node));
        g_assert_nonnull(complaint);
    }
    g_autofree char *complaint = judge(good_path, good);
    g_assert_null(complaint);
}

static void test_nothing_written(void)
{
    g_assert_false(g_file_test("/tmp/golden_evil", G_FILE_TEST_EXISTS));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "golden", "hostile", "_index.json", NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) error = NULL;
    if (!json_parser_load_from_file(parser, path, &error))
        g_error("%s", error->message);
    JsonArray *index = json_node_get_array(json_parser_get_root(parser));
    g_assert_cmpuint(json_array_get_length(index), >=, 212);
    for (guint i = 0; i < json_array_get_length(index); i++) {
        JsonObject *entry = json_array_get_object_element(index, i);
        g_autofree char *base = g_path_get_basename(json_object_get_string_member(entry, "file"));
        g_autofree char *name = g_strdup_printf("/weights/hostile/%s/%s",
                                                json_object_get_string_member(entry, "must"), base);
        g_test_add_data_func(name, entry, test_file);
    }
    g_test_add_data_func("/weights/hostile-judge-can-fail", index, test_judge_can_fail);
    g_test_add_func("/weights/hostile-names-write-nothing", test_nothing_written);
    return g_test_run();
}
