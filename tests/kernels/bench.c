// SPDX-License-Identifier: LGPL-3.0-or-later
// Times the rows of the shape tables. All targets take turns on the same row, several rounds of it,
// so that a slow minute of the machine hits them all; the figure is the median.
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    // A turn is this many calls in a row; the first is not counted, because it finds another
    // target's data in the caches and the threads of another target's pool still awake.
    CALLS_PER_TURN = 4,
    MIN_TURNS = 3,
    MAX_TURNS = 25,
    MAX_TARGETS = 8,
};

// Time that one target may spend on one row.
static const double BUDGET_MS = 400;

// Above this the reference takes seconds, and its ratio says nothing new.
static const double REF_MAX_FLOPS = 5e8;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

typedef struct {
    CheckMemory *memory; // NULL when the target does not take part
    double ms[CALLS_PER_TURN * MAX_TURNS];
    size_t n_ms;
    size_t n_turns; // wanted
} Run;

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(Run *run)
{
    qsort(run->ms, run->n_ms, sizeof run->ms[0], compare_double);
    return run->n_ms % 2 ? run->ms[run->n_ms / 2]
                         : (run->ms[run->n_ms / 2 - 1] + run->ms[run->n_ms / 2]) / 2;
}

// Runs the operation once and returns its time. In place, repeated calls would run off to infinity
// or to denormal numbers, so the memory is put back first, outside of the measured time.
static double timed_call(const CheckCase *c, CheckMemory *memory)
{
    for (size_t i = 0; i < c->n_tensors; i++)
        if (c->tensor[i].same_as != i) {
            check_memory_restore(memory);
            break;
        }
    const double start_ms = now_ms();
    check_memory_call(memory);
    return now_ms() - start_ms;
}

static gboolean takes_part(const CheckCase *c, const CheckTarget *target)
{
    return !g_str_has_prefix(target->name, "ref") || c->flops <= REF_MAX_FLOPS;
}

// Times one case on all targets and prints its lines. Returns FALSE if an operation failed.
static gboolean bench_case(const CheckCase *c, const CheckTarget *targets, size_t n_targets)
{
    g_autoptr(CheckOracle) oracle = check_oracle_new(c, GK_F32, FALSE);
    Run runs[MAX_TARGETS] = {0};
    gboolean good = TRUE;
    size_t n_turns_left = 0;
    for (size_t i = 0; i < n_targets; i++) {
        if (!takes_part(c, &targets[i]))
            continue;
        runs[i].memory = check_memory_new(oracle, &targets[i]);
        // The first call packs the weights; the second tells how many there is time for.
        const GkStatus status = check_memory_call(runs[i].memory);
        if (status != GK_OK) {
            if (status != GK_ERROR_UNSUPPORTED) {
                g_printerr("%s on %s: %s\n", c->name, targets[i].name, gk_status_text(status));
                good = FALSE;
            }
            check_memory_free(runs[i].memory);
            runs[i].memory = NULL;
            continue;
        }
        const double call_ms = timed_call(c, runs[i].memory);
        const double n = BUDGET_MS / (call_ms * CALLS_PER_TURN + 1e-6);
        runs[i].n_turns = n < MIN_TURNS ? MIN_TURNS : n > MAX_TURNS ? MAX_TURNS : (size_t)n;
        n_turns_left = MAX(n_turns_left, runs[i].n_turns);
    }
    for (size_t turn = 0; turn < n_turns_left; turn++)
        for (size_t i = 0; i < n_targets; i++) {
            if (turn >= runs[i].n_turns)
                continue;
            for (size_t call = 0; call < CALLS_PER_TURN; call++) {
                const double call_ms = timed_call(c, runs[i].memory);
                if (call > 0)
                    runs[i].ms[runs[i].n_ms++] = call_ms;
            }
        }

    double ref_ms = 0, plain_ms = 0, ms[MAX_TARGETS] = {0};
    for (size_t i = 0; i < n_targets; i++) {
        if (!runs[i].memory)
            continue;
        ms[i] = median(&runs[i]);
        if (strcmp(targets[i].name, "ref-f32") == 0)
            ref_ms = ms[i];
        if (strcmp(targets[i].name, "cpu:plain") == 0)
            plain_ms = ms[i];
    }
    g_print("%s\n", c->name);
    for (size_t i = 0; i < n_targets; i++) {
        if (!runs[i].memory)
            continue;
        g_print("  %-16s %10.3f ms", targets[i].name, ms[i]);
        if (c->flops > 0)
            g_print(" %8.1f GFLOP/s", c->flops / ms[i] * 1e-6);
        else
            g_print(" %8.1f GB/s   ", check_case_traffic_bytes(c) / ms[i] * 1e-6);
        if (ref_ms > 0)
            g_print("  %8.1f x ref", ref_ms / ms[i]);
        if (plain_ms > 0)
            g_print("  %6.2f x plain", plain_ms / ms[i]);
        g_print("\n");
        check_memory_free(runs[i].memory);
    }
    return good;
}

gboolean check_bench(const CheckOp *const *ops, size_t n_ops, const CheckTarget *targets,
                     size_t n_targets, const char *filter)
{
    g_assert(n_targets <= MAX_TARGETS);
    gboolean good = TRUE;
    for (size_t i = 0; i < n_ops; i++)
        for (size_t index = 0; index < ops[i]->n_cases(); index++) {
            CheckCase c;
            check_op_make(ops[i], index, &c);
            if (filter ? strstr(c.name, filter) != NULL : c.bench_only)
                good = bench_case(&c, targets, n_targets) && good;
        }
    return good;
}
