// SPDX-License-Identifier: LGPL-3.0-or-later
// A CUDA device acted out by the processor, for checks where there is none.
//
// Blocks run one after another. The threads of a block are coroutines that change places where
// they wait for each other, in an order that turns round from pass to pass, so that work between
// two barriers cannot lean on one order. Asynchronous copies are done only when they are waited
// for. Streams keep their work until something waits for it, so that a missing event shows.
// Memory of the device can be touched only while such work runs: the process that reads or writes
// it by itself dies. Fresh memory is full of NaN.
//
// Variables of the environment describe it, and make it fail as devices fail:
//   EMULATED_CUDA_MB         memory of the device (2048)
//   EMULATED_CUDA_SHARED_KB  shared memory that a block may use, and
//   EMULATED_CUDA_SM         compute capability, 75 for 7.5, in place of its own
//   EMULATED_CUDA_DRIVER     the CUDA version of its driver, 13000 for 13.0; 0: there is none
//   EMULATED_CUDA_FAIL       NAME=CODE or NAME=CODE@N: the function NAME returns CODE, from its
//                            Nth call on
#include "cuda_runtime.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>
#include <sys/mman.h>
#include <ucontext.h>
#include <vector>

EmulatedIndex threadIdx, blockIdx;

namespace {
[[noreturn]] void die(const char *what)
{
    fprintf(stderr, "emulated device: %s\n", what);
    abort();
}

// --- failures ---

cudaError_t failure(const char *name)
{
    static std::map<std::string, int> n_calls;
    const char *wanted = getenv("EMULATED_CUDA_FAIL");
    if (!wanted)
        return cudaSuccess;
    char function[64] = "";
    int code = 0, from = 1;
    if (sscanf(wanted, "%63[^=]=%d@%d", function, &code, &from) < 2)
        die("EMULATED_CUDA_FAIL is no NAME=CODE or NAME=CODE@N");
    if (strcmp(function, name) != 0 || ++n_calls[name] < from)
        return cudaSuccess;
    return (cudaError_t)code;
}

#define MAY_FAIL(name)                                                                             \
    if (const cudaError_t injected = failure(name))                                                \
    return injected

// --- coroutines ---

enum { MAX_THREADS = 1024, STACK_BYTES = 128 << 10, MAX_SHARED = 227 << 10 };

struct Copy {
    void *to;
    const void *from;
    unsigned bytes;
};

struct Thread {
    ucontext_t start;
    jmp_buf at;
    bool is_started, is_done;
    std::deque<std::vector<Copy>> groups; // the last is open
};

struct Barrier {
    unsigned n_arrived, n_all, turn;
};

Thread threads[MAX_THREADS];
Barrier block_barrier, warp_barriers[MAX_THREADS / 32];
EmulatedExchange exchanges[MAX_THREADS / 32][2];
jmp_buf scheduler;
ucontext_t unused;
Thread *current;
const std::function<void()> *kernel;
unsigned char *shared;
size_t n_events; // of any kind: a pass without one is a deadlock

unsigned index_of(const Thread *thread)
{
    return (unsigned)(thread - threads);
}

void give_way()
{
    Thread *self = current;
    if (_setjmp(self->at) == 0)
        _longjmp(scheduler, 1);
    // NOLINTNEXTLINE: another coroutine changed it
    current = self;
    threadIdx.x = index_of(self);
}

void thread_main()
{
    for (;;) {
        threadIdx.x = index_of(current);
        (*kernel)();
        for (const auto &group : current->groups)
            if (!group.empty())
                die("a thread ended before its copies");
        current->groups.clear();
        current->is_done = true;
        n_events++;
        give_way();
    }
}

void resume(Thread *thread)
{
    if (_setjmp(scheduler) != 0)
        return;
    current = thread;
    if (thread->is_started) {
        _longjmp(thread->at, 1);
    } else {
        thread->is_started = true;
        getcontext(&thread->start);
        thread->start.uc_stack.ss_sp = malloc(STACK_BYTES);
        thread->start.uc_stack.ss_size = STACK_BYTES;
        thread->start.uc_link = &unused;
        makecontext(&thread->start, thread_main, 0);
        setcontext(&thread->start);
    }
}

void arrive(Barrier *barrier)
{
    const unsigned turn = barrier->turn;
    n_events++;
    if (++barrier->n_arrived == barrier->n_all) {
        barrier->n_arrived = 0;
        barrier->turn++;
        return;
    }
    while (barrier->turn == turn)
        give_way();
}

void run_block(unsigned n_threads)
{
    block_barrier = {0, n_threads, 0};
    for (unsigned w = 0; w * 32 < n_threads; w++)
        warp_barriers[w] = {0, n_threads - w * 32 < 32 ? n_threads - w * 32 : 32, 0};
    for (unsigned i = 0; i < n_threads; i++)
        threads[i].is_done = false;
    const unsigned n_warps = (n_threads + 31) / 32;
    for (unsigned pass = 0;; pass++) {
        const size_t before = n_events;
        bool all_done = true;
        for (unsigned k = 0; k < n_warps; k++) {
            const unsigned w = pass % 2 ? n_warps - 1 - k : k;
            for (unsigned l = 0; l < warp_barriers[w].n_all; l++) {
                Thread *thread = &threads[w * 32 + (pass % 3 ? l : warp_barriers[w].n_all - 1 - l)];
                if (!thread->is_done)
                    resume(thread);
                all_done = all_done && thread->is_done;
            }
        }
        if (all_done)
            return;
        if (n_events == before)
            die("threads wait for each other without end");
    }
}

// --- memory ---

std::map<char *, size_t> allocations;
size_t used_bytes;
int n_open;

size_t all_bytes()
{
    const char *text = getenv("EMULATED_CUDA_MB");
    return (size_t)(text ? atol(text) : 2048) << 20;
}

size_t mapped_bytes(size_t bytes)
{
    return (bytes + 4095) / 4096 * 4096;
}

// While the device works its memory is there.
struct Working {
    Working()
    {
        if (n_open++ == 0)
            for (const auto &a : allocations)
                mprotect(a.first, mapped_bytes(a.second), PROT_READ | PROT_WRITE);
    }
    ~Working()
    {
        if (--n_open == 0)
            for (const auto &a : allocations)
                mprotect(a.first, mapped_bytes(a.second), PROT_NONE);
    }
};
} // namespace

// --- streams ---

struct EmulatedEvent {
    cudaStream_t stream;
    size_t n_recorded, n_done;
};

struct EmulatedGraph {
    std::vector<std::function<void()>> work;
};

struct EmulatedStream {
    std::deque<std::function<void()>> queue;
    cudaGraph_t capture;
};

namespace {
std::vector<cudaStream_t> streams;

void step(cudaStream_t stream)
{
    const std::function<void()> work = stream->queue.front();
    stream->queue.pop_front();
    work();
}

void drain(cudaStream_t stream)
{
    const Working working;
    while (!stream->queue.empty())
        step(stream);
}

void drain_until(cudaEvent_t event, size_t n)
{
    const Working working;
    while (event->n_done < n) {
        if (event->stream->queue.empty())
            die("an event is waited for that no stream reaches");
        step(event->stream);
    }
}

void drain_all()
{
    for (cudaStream_t stream : streams)
        drain(stream);
}

bool is_capturing()
{
    for (cudaStream_t stream : streams)
        if (stream->capture)
            return true;
    return false;
}

cudaError_t queue(cudaStream_t stream, std::function<void()> work)
{
    if (!stream)
        return cudaErrorInvalidResourceHandle;
    if (stream->capture)
        stream->capture->work.push_back(std::move(work));
    else
        stream->queue.push_back(std::move(work));
    return cudaSuccess;
}
} // namespace

// --- inside kernels ---

unsigned char *emulated_shared()
{
    return shared;
}

void __syncthreads()
{
    arrive(&block_barrier);
}

void __syncwarp()
{
    arrive(&warp_barriers[threadIdx.x / 32]);
}

EmulatedExchange *emulated_exchange()
{
    const unsigned warp = threadIdx.x / 32;
    return &exchanges[warp][warp_barriers[warp].turn % 2];
}

unsigned emulated_lane()
{
    return threadIdx.x % 32;
}

void emulated_copy(void *to, const void *from, unsigned bytes)
{
    if ((size_t)to % 16 || (size_t)from % 16 || bytes > 16)
        die("an asynchronous copy is not aligned to 16 bytes");
    if (current->groups.empty())
        current->groups.emplace_back();
    current->groups.back().push_back({to, from, bytes});
}

void emulated_commit()
{
    if (current->groups.empty())
        current->groups.emplace_back();
    current->groups.emplace_back();
}

void emulated_wait(int n)
{
    // The open group behind the committed ones does not count.
    while ((int)current->groups.size() > n + 1) {
        for (const Copy &copy : current->groups.front()) {
            memset(copy.to, 0, 16);
            memcpy(copy.to, copy.from, copy.bytes);
        }
        current->groups.pop_front();
    }
}

cudaError_t emulated_allow_shared(int bytes)
{
    MAY_FAIL("cudaFuncSetAttribute");
    return bytes <= MAX_SHARED ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t emulated_launch(std::function<void()> work, unsigned n_blocks, unsigned n_threads,
                            size_t shared_bytes, cudaStream_t stream)
{
    MAY_FAIL("cudaLaunchKernel");
    if (n_threads > MAX_THREADS || shared_bytes > MAX_SHARED || n_blocks == 0)
        return cudaErrorInvalidValue;
    return queue(stream, [work, n_blocks, n_threads, shared_bytes]() {
        enum { GUARD = 4096 };
        static unsigned char *memory =
            (unsigned char *)aligned_alloc(128, (MAX_SHARED + GUARD + 127) / 128 * 128);
        shared = memory;
        kernel = &work;
        for (unsigned b = 0; b < n_blocks; b++) {
            blockIdx.x = b;
            memset(shared, 0xff, shared_bytes + GUARD);
            run_block(n_threads);
            for (size_t i = shared_bytes; i < shared_bytes + GUARD; i++)
                if (shared[i] != 0xff)
                    die("a block wrote beyond its shared memory");
        }
    });
}

// --- the runtime's functions ---

const char *cudaGetErrorName(cudaError_t error)
{
    switch (error) {
    case cudaSuccess:
        return "cudaSuccess";
    case cudaErrorInvalidValue:
        return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
        return "cudaErrorMemoryAllocation";
    case cudaErrorStubLibrary:
        return "cudaErrorStubLibrary";
    case cudaErrorInsufficientDriver:
        return "cudaErrorInsufficientDriver";
    case cudaErrorNoDevice:
        return "cudaErrorNoDevice";
    case cudaErrorInvalidResourceHandle:
        return "cudaErrorInvalidResourceHandle";
    case cudaErrorIllegalAddress:
        return "cudaErrorIllegalAddress";
    case cudaErrorStreamCaptureUnsupported:
        return "cudaErrorStreamCaptureUnsupported";
    case cudaErrorUnknown:
        break;
    }
    return "cudaErrorUnknown";
}

const char *cudaGetErrorString(cudaError_t error)
{
    return error == cudaErrorMemoryAllocation ? "out of memory" : "an emulated failure";
}

cudaError_t cudaGetLastError(void)
{
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    const char *text = getenv("EMULATED_CUDA_DRIVER");
    *version = text ? atoi(text) : 13000;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 0;
    MAY_FAIL("cudaGetDeviceCount");
    *count = 2;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    MAY_FAIL("cudaGetDeviceProperties");
    static const struct {
        const char *name;
        int major, minor;
        size_t shared_bytes;
    } devices[] = {{"Emulated A100", 8, 0, 163 << 10}, {"Emulated RTX", 8, 9, 99 << 10}};
    if (device < 0 || device > 1)
        return cudaErrorInvalidValue;
    snprintf(properties->name, sizeof properties->name, "%s", devices[device].name);
    properties->major = devices[device].major;
    properties->minor = devices[device].minor;
    const char *text = getenv("EMULATED_CUDA_SM");
    if (text) {
        properties->major = atoi(text) / 10;
        properties->minor = atoi(text) % 10;
    }
    const char *shared_kb = getenv("EMULATED_CUDA_SHARED_KB");
    properties->sharedMemPerBlockOptin =
        shared_kb ? (size_t)atol(shared_kb) << 10 : devices[device].shared_bytes;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    MAY_FAIL("cudaSetDevice");
    return device == 0 || device == 1 ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    MAY_FAIL("cudaMalloc");
    if (is_capturing())
        return cudaErrorStreamCaptureUnsupported;
    if (bytes > all_bytes() - used_bytes)
        return cudaErrorMemoryAllocation;
    char *made = (char *)mmap(NULL, mapped_bytes(bytes), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED)
        return cudaErrorMemoryAllocation;
    memset(made, 0xff, bytes);
    mprotect(made, mapped_bytes(bytes), PROT_NONE);
    allocations[made] = bytes;
    used_bytes += bytes;
    *memory = made;
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    if (!memory)
        return cudaSuccess;
    const auto found = allocations.find((char *)memory);
    if (found == allocations.end())
        die("memory is given back that was never given");
    if (is_capturing())
        return cudaErrorStreamCaptureUnsupported;
    drain_all();
    used_bytes -= found->second;
    munmap(found->first, mapped_bytes(found->second));
    allocations.erase(found);
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
    MAY_FAIL("cudaMallocHost");
    *memory = malloc(bytes);
    if (!*memory)
        return cudaErrorMemoryAllocation;
    memset(*memory, 0xff, bytes);
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void *memory)
{
    drain_all();
    free(memory);
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes)
{
    MAY_FAIL("cudaMemGetInfo");
    *total_bytes = all_bytes();
    *free_bytes = all_bytes() - used_bytes;
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
    MAY_FAIL("cudaMemsetAsync");
    return queue(stream, [=]() { memset(memory, value, bytes); });
}

cudaError_t cudaMemset(void *memory, int value, size_t bytes)
{
    const Working working;
    memset(memory, value, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    MAY_FAIL("cudaMemcpyAsync");
    return queue(stream, [=]() { memcpy(to, from, bytes); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags)
{
    MAY_FAIL("cudaStreamCreateWithFlags");
    *stream = new EmulatedStream();
    streams.push_back(*stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    drain(stream);
    for (size_t i = 0; i < streams.size(); i++)
        if (streams[i] == stream)
            streams.erase(streams.begin() + (long)i--);
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    MAY_FAIL("cudaStreamSynchronize");
    if (is_capturing())
        return cudaErrorStreamCaptureUnsupported;
    drain(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags)
{
    const size_t n = event->n_recorded;
    return queue(stream, [=]() { drain_until(event, n); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags)
{
    MAY_FAIL("cudaEventCreateWithFlags");
    *event = new EmulatedEvent();
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    drain_all();
    delete event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    MAY_FAIL("cudaEventRecord");
    event->stream = stream;
    const size_t n = ++event->n_recorded;
    return queue(stream, [=]() { event->n_done = n; });
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end)
{
    if (start->n_done < start->n_recorded || end->n_done < end->n_recorded)
        return cudaErrorInvalidValue;
    *ms = 1;
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    MAY_FAIL("cudaEventSynchronize");
    drain_until(event, event->n_recorded);
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode)
{
    MAY_FAIL("cudaStreamBeginCapture");
    stream->capture = new EmulatedGraph();
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    *graph = stream->capture;
    stream->capture = NULL;
    return *graph ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
    MAY_FAIL("cudaGraphInstantiate");
    *exec = new EmulatedGraph(*graph);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    MAY_FAIL("cudaGraphLaunch");
    for (const auto &work : exec->work)
        stream->queue.push_back(work);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    delete exec;
    return cudaSuccess;
}
