// SPDX-License-Identifier: LGPL-3.0-or-later
// A libcudnn.so.9 that has every function the backend looks for, and says that it is version 8.
#include <stddef.h>

size_t cudnnGetVersion(void);
size_t cudnnGetVersion(void)
{
    return 8 * 10000 + 9 * 100 + 7;
}

#define STUB(name)                                                                                 \
    int name(void);                                                                                \
    int name(void)                                                                                 \
    {                                                                                              \
        return 1;                                                                                  \
    }

STUB(cudnnGetCudartVersion)
STUB(cudnnGetErrorString)
STUB(cudnnGetLastErrorString)
STUB(cudnnCreate)
STUB(cudnnDestroy)
STUB(cudnnSetStream)
STUB(cudnnBackendCreateDescriptor)
STUB(cudnnBackendDestroyDescriptor)
STUB(cudnnBackendFinalize)
STUB(cudnnBackendSetAttribute)
STUB(cudnnBackendGetAttribute)
STUB(cudnnBackendExecute)
