// SPDX-License-Identifier: LGPL-3.0-or-later
// What convolutions need of the machine, acted out: the lanes of a warp lay their words side by
// side and take from each other what the instructions would give them. The places of elements are
// those of the PTX ISA, "Matrix Fragments for mma.m16n8k16" and "ldmatrix".
#ifndef EMULATED_TENSOR_CORE_CUH
#define EMULATED_TENSOR_CORE_CUH

#include "element.cuh"

#define GK_CUDA_SHARED(name) unsigned char *name = emulated_shared()

static inline void copy_async(void *to, const void *from, unsigned bytes)
{
    emulated_copy(to, from, bytes);
}

static inline void copy_commit(void)
{
    emulated_commit();
}

template <int n> static inline void copy_wait(void)
{
    emulated_wait(n);
}

static inline void load_matrices(unsigned *r, const void *row)
{
    EmulatedExchange *e = emulated_exchange();
    const unsigned lane = emulated_lane();
    e->address[lane] = row;
    __syncwarp();
    for (unsigned m = 0; m < 4; m++)
        memcpy(&r[m], (const char *)e->address[8 * m + lane / 4] + lane % 4 * 4, 4);
    __syncwarp(); // a lane may write there next
}

// Word w of a lane's fragments holds two elements of a 16x16 matrix a (w < 4: row lane / 4, or 8
// more for odd w, columns lane % 4 * 2 and the next, or 8 more for w >= 2) or of a 16x8 matrix b
// (w >= 4: column lane / 4, rows lane % 4 * 2 and the next, or 8 more for w = 5).
template <class T>
static inline void put_fragments(EmulatedExchange *e, unsigned lane, const unsigned *a,
                                 const unsigned *b)
{
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned w = 0; w < 4; w++)
            e->a[lane / 4 + w % 2 * 8][lane % 4 * 2 + w / 2 * 8 + i] =
                to_float(T{(unsigned short)(a[w] >> (i * 16))});
        for (unsigned w = 0; w < 2; w++)
            e->b[lane / 4][lane % 4 * 2 + w * 8 + i] =
                to_float(T{(unsigned short)(b[w] >> (i * 16))});
    }
}

template <class T> static inline void multiply_add(float *d, const unsigned *a, const unsigned *b)
{
    EmulatedExchange *e = emulated_exchange();
    const unsigned lane = emulated_lane();
    put_fragments<T>(e, lane, a, b);
    __syncwarp();
    for (unsigned i = 0; i < 4; i++) {
        const unsigned row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
        float part[4] = {};
        for (unsigned k = 0; k < 16; k += 4)
            for (unsigned j = 0; j < 4; j++)
                part[j] += e->a[row][k + j] * e->b[column][k + j];
        d[i] += part[0] + part[1] + part[2] + part[3];
    }
}

#endif
