// SPDX-License-Identifier: LGPL-3.0-or-later
// check-kernels: compares every backend with the double reference on every row of
// every shape table.
#include "check.h"
#include "backends.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TARGETS = 8, EXIT_SKIPPED = 77 };

static const CheckOp *const ops[] = {
#define CHECK_OP(op, Args, name) &check_##op,
    GK_OPS(CHECK_OP, CHECK_OP, )
#undef CHECK_OP
};

typedef struct {
    gboolean bench, self_test, verbose;
    char *filter, *isa, *target;
    int n_threads;
} Options;

// Opens the targets that `options` allows. Returns how many there are.
static size_t open_targets(const Options *options, CheckTarget *targets)
{
    size_t n_targets = 0;
    for (size_t i = 0; check_backends[i].name; i++) {
        CheckTarget target = check_backends[i];
        if (options->isa && strcmp(options->isa, target.isa ? target.isa : "ref") != 0)
            continue;
        if (options->target && strcmp(options->target, target.name) != 0)
            continue;
        // The reference exists in one variant; its second target differs by the layout only.
        char reason[256] = "";
        const GkOptions open = {.n_threads = (size_t)options->n_threads,
                                .isa = target.isa,
                                .reason = reason,
                                .reason_bytes = sizeof reason};
        const GkStatus status = target.backend->open(&open, &target.ctx);
        if (status != GK_OK) {
            g_print("%s: not here: %s\n", target.name, *reason ? reason : gk_status_text(status));
            continue;
        }
        g_assert(n_targets < MAX_TARGETS);
        g_print("%s: isa %s, %zu threads\n", target.name, target.backend->isa(target.ctx),
                target.backend->n_threads(target.ctx));
        targets[n_targets++] = target;
    }
    return n_targets;
}

static gboolean has_layout(const CheckCase *c, CheckLayout layout)
{
    for (size_t i = 0; i < c->n_buffers; i++)
        if (c->buffer[i].layout == layout)
            return TRUE;
    return FALSE;
}

// The reference rounds once whatever the operation is; fast versions have their own limits.
static const CheckLimit *limit_for(const CheckCase *c, const CheckTarget *target)
{
    const gboolean is_ref = target->backend == &gk_backend_ref_f32;
    const GkDevice *device = target->backend->device;
    // What is no picture of a plan is float32 on every device. The reference saw the inputs
    // unrounded, where the case is not steep.
    const GkDtype dtype = device && has_layout(c, CHECK_PLAN) ? device->dtype : GK_F32;
    if (dtype == GK_F16)
        return &check_limit_f16;
    if (dtype == GK_BF16)
        return &check_limit_bf16;
    return is_ref && c->limit->max_abs > 0 ? &check_limit_rounding : c->limit;
}

// The type to which the reference's inputs are rounded.
static GkDtype input_dtype(const CheckCase *c, const CheckTarget *target)
{
    const GkDevice *device = target->backend->device;
    return c->steep && device ? device->dtype : GK_F32;
}

// Blocks of channels are the processor's layout, which no device takes.
static gboolean is_foreign(const CheckCase *c, const CheckTarget *target)
{
    return target->backend->device && has_layout(c, CHECK_BLOCKED);
}

// What happened on one target.
typedef struct {
    size_t n_passed, n_failed, n_unsupported;
    // The result that came nearest to its limit, of each operation.
    double nearest[G_N_ELEMENTS(ops)];
    char nearest_text[G_N_ELEMENTS(ops)][256];
} Tally;

static void check_case_on(const CheckOracle *oracle, const CheckCase *c, const CheckTarget *target,
                          size_t op, gboolean verbose, Tally *tally)
{
    const CheckLimit *limit = limit_for(c, target);
    const CheckResult result = check_run(oracle, target, limit, CHECK_DAMAGE_NONE);
    g_autofree char *message = result.message;
    switch (result.outcome) {
    case CHECK_PASSED:
        tally->n_passed++;
        if (limit->max_abs > 0) {
            const double used = MAX(result.max_abs / limit->max_abs, result.nmse / limit->nmse);
            if (used > tally->nearest[op]) {
                tally->nearest[op] = used;
                g_snprintf(tally->nearest_text[op], sizeof tally->nearest_text[op],
                           "max-abs %.2g of %.2g, NMSE %.2g of %.2g: %s", result.max_abs,
                           limit->max_abs, result.nmse, limit->nmse, c->name);
            }
        }
        if (verbose)
            g_print("passed: %s on %s (max-abs %.3g, NMSE %.3g)\n", c->name, target->name,
                    result.max_abs, result.nmse);
        break;
    case CHECK_UNSUPPORTED:
        // In its own layout a backend must take everything that a network can ask for.
        if (c->optional || is_foreign(c, target)) {
            tally->n_unsupported++;
            g_print("not supported: %s on %s\n", c->name, target->name);
        } else {
            tally->n_failed++;
            g_print("FAILED: %s on %s: not supported, though the layout is its own\n", c->name,
                    target->name);
        }
        break;
    case CHECK_FAILED:
    case CHECK_NOTHING_TO_DAMAGE:
        tally->n_failed++;
        g_print("FAILED: %s on %s: %s\n", c->name, target->name, message);
        break;
    }
}

// Returns the number of failures, or -1 if nothing was checked.
static int check_all(const CheckTarget *targets, size_t n_targets, const Options *options)
{
    g_autofree Tally *tallies = g_new0(Tally, n_targets);
    size_t n_cases = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++)
        for (size_t index = 0; index < ops[i]->n_cases(); index++) {
            CheckCase c;
            check_op_make(ops[i], index, &c);
            if (c.bench_only || (options->filter && !strstr(c.name, options->filter)))
                continue;
            g_autoptr(CheckOracle) oracle = NULL;
            GkDtype dtype = GK_F32;
            n_cases++;
            for (size_t k = 0; k < n_targets; k++) {
                if (!oracle || dtype != input_dtype(&c, &targets[k])) {
                    check_oracle_free(oracle);
                    dtype = input_dtype(&c, &targets[k]);
                    oracle = check_oracle_new(&c, dtype, TRUE);
                }
                check_case_on(oracle, &c, &targets[k], i, options->verbose, &tallies[k]);
            }
        }
    int n_failed = 0;
    g_print("\n%zu cases\n", n_cases);
    for (size_t k = 0; k < n_targets; k++) {
        g_print("%s: %zu passed, %zu failed, %zu not supported\n", targets[k].name,
                tallies[k].n_passed, tallies[k].n_failed, tallies[k].n_unsupported);
        for (size_t i = 0; i < G_N_ELEMENTS(ops); i++)
            if (tallies[k].nearest[i] > 0)
                g_print("    nearest to the limit: %s\n", tallies[k].nearest_text[i]);
        n_failed += (int)tallies[k].n_failed;
    }
    return n_cases ? n_failed : -1;
}

static const char *const damage_names[CHECK_DAMAGE_N] = {
    "nothing",         "a value",  "an unwritten value", "the guard before",
    "the guard after", "an input", "a parameter",        "a neighbouring element",
};

// Damages results of each operation in each way. Returns the number of damages that nobody noticed.
static int self_test(const CheckTarget *targets, size_t n_targets)
{
    int n_missed = 0;
    for (size_t k = 0; k < n_targets; k++) {
        size_t n_applied[CHECK_DAMAGE_N] = {0};
        for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
            size_t n_applied_here[CHECK_DAMAGE_N] = {0};
            for (size_t index = 0; index < ops[i]->n_cases(); index++) {
                CheckCase c;
                check_op_make(ops[i], index, &c);
                // Rows that repeat the last one with other attributes add little; every
                // third will do.
                if (c.bench_only || index % 3 != 0 || c.flops > 1e8)
                    continue;
                g_autoptr(CheckOracle) oracle =
                    check_oracle_new(&c, input_dtype(&c, &targets[k]), TRUE);
                const CheckLimit *limit = limit_for(&c, &targets[k]);
                const CheckResult intact = check_run(oracle, &targets[k], limit, CHECK_DAMAGE_NONE);
                g_free(intact.message);
                if (intact.outcome != CHECK_PASSED)
                    continue; // the plain check reports it
                for (int damage = 1; damage < CHECK_DAMAGE_N; damage++) {
                    const CheckResult result =
                        check_run(oracle, &targets[k], limit, (CheckDamage)damage);
                    g_free(result.message);
                    if (result.outcome == CHECK_NOTHING_TO_DAMAGE)
                        continue;
                    n_applied_here[damage]++;
                    if (result.outcome == CHECK_FAILED)
                        continue;
                    n_missed++;
                    g_print("MISSED: %s of %s on %s\n", damage_names[damage], c.name,
                            targets[k].name);
                }
            }
            for (int damage = 1; damage < CHECK_DAMAGE_N; damage++) {
                n_applied[damage] += n_applied_here[damage];
                // Each operation has results, guards and inputs; the rest only some have.
                if (damage <= CHECK_DAMAGE_INPUT && n_applied_here[damage] == 0) {
                    n_missed++;
                    g_print("MISSED: %s was never damaged in %s on %s\n", damage_names[damage],
                            ops[i]->name, targets[k].name);
                }
            }
        }
        g_print("%s: damaged and noticed:", targets[k].name);
        for (int damage = 1; damage < CHECK_DAMAGE_N; damage++) {
            g_print(" %s %zu times%s", damage_names[damage], n_applied[damage],
                    damage + 1 < CHECK_DAMAGE_N ? "," : "\n");
            if (n_applied[damage] == 0) {
                n_missed++;
                g_print("MISSED: %s was never damaged on %s\n", damage_names[damage],
                        targets[k].name);
            }
        }
    }
    return n_missed;
}

int main(int argc, char **argv)
{
    Options options = {.n_threads = 2};
    const GOptionEntry entries[] = {
        {"bench", 0, 0, G_OPTION_ARG_NONE, &options.bench,
         "Time the rows instead of checking them; without --filter the large rows only", NULL},
        {"self-test", 0, 0, G_OPTION_ARG_NONE, &options.self_test,
         "Damage results, guards and inputs, and fail unless each damage is reported", NULL},
        {"filter", 0, 0, G_OPTION_ARG_STRING, &options.filter, "Only cases whose name holds TEXT",
         "TEXT"},
        {"isa", 0, 0, G_OPTION_ARG_STRING, &options.isa,
         "Only this target: ref, avx512, avx2 or plain", "NAME"},
        {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, "Only the target of this name",
         "NAME"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &options.n_threads,
         "Threads of each backend; default 2, 0: all cores", "N"},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options.verbose, "Print the cases that pass, too",
         NULL},
        {NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new("- check or time all kernels");
    g_option_context_add_main_entries(context, entries, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        g_printerr("%s\n", error->message);
        return EXIT_FAILURE;
    }
    if (options.n_threads < 0) {
        g_printerr("--threads %d: wants 0 or more\n", options.n_threads);
        return EXIT_FAILURE;
    }

    CheckTarget targets[MAX_TARGETS];
    const size_t n_targets = open_targets(&options, targets);
    int status = EXIT_SUCCESS;
    if (n_targets == 0) {
        if (options.isa || options.target)
            g_print("skipped: no backend here has the instruction set or the name '%s'\n",
                    options.isa ? options.isa : options.target);
        else
            g_print("skipped: no backend could be opened\n");
        status = EXIT_SKIPPED;
    } else if (options.bench) {
        if (!check_bench(ops, G_N_ELEMENTS(ops), targets, n_targets, options.filter))
            status = EXIT_FAILURE;
    } else if (options.self_test) {
        if (self_test(targets, n_targets) != 0)
            status = EXIT_FAILURE;
    } else {
        const int n_failed = check_all(targets, n_targets, &options);
        if (n_failed < 0)
            g_print("no case has a name with '%s'\n", options.filter);
        if (n_failed != 0)
            status = EXIT_FAILURE;
    }
    for (size_t i = 0; i < n_targets; i++)
        targets[i].backend->close(targets[i].ctx);
    g_free(options.filter);
    g_free(options.isa);
    g_free(options.target);
    return status;
}
