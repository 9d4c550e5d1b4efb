// SPDX-License-Identifier: LGPL-3.0-or-later
// A libcublasLt.so.13 that refuses everything. cuDNN ends the process where there is none, and asks
// it for engines of its own, which it has none of without a device.
#include "stub.h"

#include <stddef.h>

size_t cublasLtGetVersion(void);
size_t cublasLtGetVersion(void)
{
    return 130100;
}

// As CUBLAS_STATUS_NOT_INITIALIZED in cublas_api.h.
enum { NOT_INITIALIZED = 1 };

STUB(cublasLtCreate, NOT_INITIALIZED)
STUB(cublasLtMatmulAlgoGetHeuristic, NOT_INITIALIZED)
STUB(cublasLtMatmulDescCreate, NOT_INITIALIZED)
STUB(cublasLtMatmulDescSetAttribute, NOT_INITIALIZED)
STUB(cublasLtMatmulPreferenceCreate, NOT_INITIALIZED)
STUB(cublasLtMatmulPreferenceDestroy, NOT_INITIALIZED)
STUB(cublasLtMatmulPreferenceSetAttribute, NOT_INITIALIZED)
STUB(cublasLtMatrixLayoutCreate, NOT_INITIALIZED)
STUB(cublasLtMatrixLayoutSetAttribute, NOT_INITIALIZED)
