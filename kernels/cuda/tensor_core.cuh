// SPDX-License-Identifier: LGPL-3.0-or-later
// What convolutions need of the machine: asynchronous copies into shared memory, and the
// warp's matrix instructions.
// Source:  PTX ISA, "Matrix Fragments for mma.m16n8k16" and "ldmatrix".
#ifndef GK_CUDA_TENSOR_CORE_CUH
#define GK_CUDA_TENSOR_CORE_CUH

#include "element.cuh"

// The shared memory of a block, as many bytes as it was started with.
#define GK_CUDA_SHARED(name) extern __shared__ __align__(128) unsigned char name[]

// Copies 16 bytes, the first `bytes` of them from `from` and zeros behind; both aligned to 16.
__device__ inline void copy_async(void *to, const void *from, unsigned bytes)
{
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(
                     (unsigned)__cvta_generic_to_shared(to)),
                 "l"(from), "r"(bytes)
                 : "memory");
#else
    uint4 word = make_uint4(0, 0, 0, 0);
    if (bytes == 16)
        word = *(const uint4 *)from;
    else
        for (unsigned i = 0; i < bytes / 2; i++)
            ((unsigned short *)&word)[i] = ((const unsigned short *)from)[i];
    *(uint4 *)to = word;
#endif
}

// Ends a group of copies.
__device__ inline void copy_commit(void)
{
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

// Waits until at most `n` of this thread's groups are under way.
template <int n> __device__ inline void copy_wait(void)
{
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;\n" ::"n"(n) : "memory");
#endif
}

// Loads four 8x8 matrices of 16-bit elements; lane 8 m + r names row r of matrix m.
__device__ inline void load_matrices(unsigned *r, const void *row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"((unsigned)__cvta_generic_to_shared(row))
                 : "memory");
}

// d += a b with a 16x16, b 16x8, d 16x8 in float.
template <class T>
__device__ inline void multiply_add(float *d, const unsigned *a, const unsigned *b);

template <> __device__ inline void multiply_add<F16>(float *d, const unsigned *a, const unsigned *b)
{
#if __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    // Turing multiplies half as deep: the fragment's halves lie in registers of their own.
    for (int half = 0; half < 2; half++)
        asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
                     "{%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};\n"
                     : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                     : "r"(a[2 * half]), "r"(a[2 * half + 1]), "r"(b[half]));
#endif
}

template <>
__device__ inline void multiply_add<BF16>(float *d, const unsigned *a, const unsigned *b)
{
#if __CUDA_ARCH__ >= 800
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    __trap(); // the host never starts it there
#endif
}

#endif
