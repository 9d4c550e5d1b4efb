// SPDX-License-Identifier: LGPL-3.0-or-later
// A libcudnn.so.9 that has every function the backend looks for, and says that it is version 8.
#include "stub.h"

#include <stddef.h>

size_t cudnnGetVersion(void);
size_t cudnnGetVersion(void)
{
    return 8 * 10000 + 9 * 100 + 7;
}

STUB(cudnnGetCudartVersion, 1)
STUB(cudnnGetErrorString, 1)
STUB(cudnnGetLastErrorString, 1)
STUB(cudnnCreate, 1)
STUB(cudnnDestroy, 1)
STUB(cudnnSetStream, 1)
STUB(cudnnBackendCreateDescriptor, 1)
STUB(cudnnBackendDestroyDescriptor, 1)
STUB(cudnnBackendFinalize, 1)
STUB(cudnnBackendSetAttribute, 1)
STUB(cudnnBackendGetAttribute, 1)
STUB(cudnnBackendExecute, 1)
