// SPDX-License-Identifier: LGPL-3.0-or-later
// A libcublasLt.so.13 that refuses everything. cuDNN ends the process where there is none, and asks
// it for engines of its own, which it has none of without a device.
#include <stddef.h>

size_t cublasLtGetVersion(void);
size_t cublasLtGetVersion(void)
{
    return 130100;
}

// As CUBLAS_STATUS_NOT_INITIALIZED in cublas_api.h.
enum { NOT_INITIALIZED = 1 };

#define STUB(name)                                                                                 \
    int name(void);                                                                                \
    int name(void)                                                                                 \
    {                                                                                              \
        return NOT_INITIALIZED;                                                                    \
    }

STUB(cublasLtCreate)
STUB(cublasLtMatmulAlgoGetHeuristic)
STUB(cublasLtMatmulDescCreate)
STUB(cublasLtMatmulDescSetAttribute)
STUB(cublasLtMatmulPreferenceCreate)
STUB(cublasLtMatmulPreferenceDestroy)
STUB(cublasLtMatmulPreferenceSetAttribute)
STUB(cublasLtMatrixLayoutCreate)
STUB(cublasLtMatrixLayoutSetAttribute)
