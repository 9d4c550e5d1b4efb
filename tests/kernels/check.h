// SPDX-License-Identifier: LGPL-3.0-or-later
// The kernels' check program: what a case is, and how one case is run on one backend.
// A case is one row of an operation's shape table. Its inputs are drawn once, as floats; the double
// reference computes what must come out, on dense channels-last memory of its own; then every
// target runs the same case in its own layout, in guarded memory that starts as NaN.
#ifndef CHECK_H
#define CHECK_H

#include "ops/all.h"

#include <glib.h>

// One way to run a case: an open backend and the layout of its plans.
typedef struct {
    const char *name; // "cpu:avx2"
    const GkBackend *backend;
    const char *isa; // as GkOptions has it
    size_t block;    // of CHECK_PLAN buffers: 0 for channels-last, GK_BLOCK
    GkContext *ctx;
} CheckTarget;

typedef enum {
    CHECK_PLAN,    // as the target's plans have it
    CHECK_NHWC,    // channels-last, without gaps; float32 on every device
    CHECK_BLOCKED, // blocks of GK_BLOCK channels
} CheckLayout;

typedef enum { CHECK_IN, CHECK_OUT } CheckRole;

// A piece of memory that tensors lie in.
typedef struct {
    size_t n, h, w, c;
    CheckLayout layout;
} CheckBuffer;

// A view that an operation is given: channels and a rectangle of a buffer.
typedef struct {
    const char *name;
    CheckRole role;
    size_t buffer;
    size_t first; // channel of the buffer
    size_t top, left;
    size_t n, h, w, c;
    double low, high; // range of the random values of an input
    size_t same_as;   // tensor whose memory this is; its own index when it has its own
} CheckTensor;

typedef struct CheckCase CheckCase;

// A dense vector of parameters. Length 0 stands for NULL.
typedef struct {
    const char *name;
    size_t length;
    double low, high;
    gboolean (*is_zero)(const CheckCase *c, size_t index); // instead of random; NULL: nowhere
} CheckVector;

// How far a float result may lie from the double reference.
typedef struct {
    double max_abs; // times max(case's magnitude, largest absolute value of the reference)
    double nmse;    // mean squared error / max(mean square of the reference, 0.01)
    const char *reason;
} CheckLimit;

extern const CheckLimit check_limit_exact, check_limit_rounding, check_limit_pointwise,
    check_limit_exp, check_limit_bilinear, check_limit_sum, check_limit_direct,
    check_limit_winograd, check_limit_f16, check_limit_bf16;

enum { CHECK_MAX_TENSORS = 6, CHECK_MAX_VECTORS = 3 };

struct CheckCase {
    char name[192];
    size_t n_buffers, n_tensors, n_vectors;
    CheckBuffer buffer[CHECK_MAX_TENSORS];
    CheckTensor tensor[CHECK_MAX_TENSORS];
    CheckVector vector[CHECK_MAX_VECTORS];
    const CheckLimit *limit;
    // Of the values that rounding errors come from, where the result is smaller; default 1.
    double magnitude;
    // Attributes of the operation; `call` adds the views and vectors.
    union {
        GkConv2d conv2d;
        struct {
            GkConv2dShape conv2d_shape;
            GkActivation conv2d_end; // of the input gradient
        };
        GkActivate activate;
        GkAdd add;
        GkCopy copy;
        GkShuffle shuffle;
        GkUpsample upsample;
        GkPad pad;
        GkUnary unary;
        GkBinary binary;
        GkFill fill;
        GkReduce reduce;
        GkMatmul matmul;
        GkTranspose transpose;
        GkPoolShape pool;
        GkNormalise normalise;
        GkSoftmax softmax;
        void (*chain)(GkChain *chain); // fills in the links
    } args;
    double flops; // of the direct formula; 0 where memory traffic is the measure
    // Small changes of inputs may change results much: the reference gets the inputs as a device's
    // elements hold them.
    gboolean steep;
    gboolean optional;   // a backend may answer "unsupported" even in its own layout
    gboolean bench_only; // too large to be checked every time
    // Runs the operation. Views and vectors come in the order in which the case lists them.
    GkStatus (*call)(const CheckCase *c, const CheckTarget *target, const GkView *views,
                     const void *const *vectors, GkPlan **plan);
    // Checks what else the contract promises, given what `call` returned; NULL where there is
    // nothing. Returns NULL or what is wrong, to be freed.
    char *(*check_more)(const CheckCase *c, const CheckTarget *target, const GkView *views,
                        GkStatus status);
};

// The shape table of one operation.
typedef struct {
    const char *name;
    size_t (*n_cases)(void);
    // Fills `c`, which is cleared and has the operation's name in `name`, with case `index`.
    void (*make)(size_t index, CheckCase *c);
} CheckOp;

// One for each operation of GkOps: an operation without one does not link.
#define CHECK_OP(op, Args, name) extern const CheckOp check_##op;
GK_OPS(CHECK_OP, CHECK_OP, )
#undef CHECK_OP

// Returns "plan", "nhwc" or "blocked".
const char *check_layout_name(CheckLayout layout);

// Appends to the name of a case.
void check_case_label(CheckCase *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

// Adds a buffer. Returns its index.
size_t check_case_buffer(CheckCase *c, size_t n, size_t h, size_t w, size_t channels,
                         CheckLayout layout);

// Adds the channels [first, first + channels) of a buffer as an operand, random in -1..1 if it is
// an input. Returns its index.
size_t check_case_slice(CheckCase *c, const char *name, CheckRole role, size_t buffer, size_t first,
                        size_t channels);

// Adds an operand that has a buffer of its own. Returns its index.
size_t check_case_tensor(CheckCase *c, const char *name, CheckRole role, size_t n, size_t h,
                         size_t w, size_t channels, CheckLayout layout);

// Adds an operand that is tensor `same_as` again. Returns its index.
size_t check_case_alias(CheckCase *c, const char *name, size_t same_as);

// Adds a vector of parameters, random in low..high. Returns its index.
size_t check_case_vector(CheckCase *c, const char *name, size_t length, double low, double high);

// A case with its random values and what the double reference makes of them.
typedef struct CheckOracle CheckOracle;

// Draws the inputs of `c`, rounded to `dtype`; runs the reference if `with_reference`.
// Owner:   borrows c until check_oracle_free().
CheckOracle *check_oracle_new(const CheckCase *c, GkDtype dtype, gboolean with_reference);
void check_oracle_free(CheckOracle *oracle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CheckOracle, check_oracle_free)

// What --self-test does to the memory between an operation and its check.
typedef enum {
    CHECK_DAMAGE_NONE,
    CHECK_DAMAGE_VALUE,        // one value of the result is off by a little more than the limit
    CHECK_DAMAGE_UNWRITTEN,    // one value of the result was never written
    CHECK_DAMAGE_GUARD_BEFORE, // the last word before a buffer
    CHECK_DAMAGE_GUARD_AFTER,  // the first word after a buffer
    CHECK_DAMAGE_INPUT,        // the lowest bit of one value of an input
    CHECK_DAMAGE_VECTOR,       // the lowest bit of one parameter
    CHECK_DAMAGE_NEIGHBOUR,    // one element of the result's buffer that is not part of the result
    CHECK_DAMAGE_N,
} CheckDamage;

typedef enum {
    CHECK_PASSED,
    CHECK_FAILED,
    CHECK_UNSUPPORTED,
    CHECK_NOTHING_TO_DAMAGE, // the case has no such place
} CheckOutcome;

typedef struct {
    CheckOutcome outcome;
    double max_abs, nmse; // in the units of CheckLimit
    char *message;        // what is wrong, or NULL
} CheckResult;

// Runs the case on `target` and compares, with `limit` instead of the case's own where
// it is not NULL.
CheckResult check_run(const CheckOracle *oracle, const CheckTarget *target, const CheckLimit *limit,
                      CheckDamage damage);

// Memory of one case on one target, ready to run; check_run() and the benchmark make it.
typedef struct CheckMemory CheckMemory;
CheckMemory *check_memory_new(const CheckOracle *oracle, const CheckTarget *target);
void check_memory_free(CheckMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CheckMemory, check_memory_free)

// Puts everything back to how it was before the first call.
void check_memory_restore(CheckMemory *memory);

// Runs the operation once.
GkStatus check_memory_call(CheckMemory *memory);

// Returns the bytes that the operation must read and write at least once.
double check_case_traffic_bytes(const CheckCase *c);

// Times the cases of all operations whose name holds `filter` on all targets and prints a table.
// Returns FALSE if an operation failed.
gboolean check_bench(const CheckOp *const *ops, size_t n_ops, const CheckTarget *targets,
                     size_t n_targets, const char *filter);

// Makes case `index` of `op`.
void check_op_make(const CheckOp *op, size_t index, CheckCase *c);

#endif
