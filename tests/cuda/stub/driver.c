// SPDX-License-Identifier: LGPL-3.0-or-later
// A libcuda.so.1 that answers nothing, like the one that CUDA toolkits have for linking. cuDNN
// looks for these functions when it starts, and needs none of them to name engines for a device
// that is described to it.

// As CUDA_ERROR_STUB_LIBRARY in cuda.h.
enum { STUB_LIBRARY = 34 };

#define STUB(name)                                                                                 \
    int name(void);                                                                                \
    int name(void)                                                                                 \
    {                                                                                              \
        return STUB_LIBRARY;                                                                       \
    }

STUB(cuCtxGetCurrent)
STUB(cuCtxGetLimit)
STUB(cuCtxPopCurrent)
STUB(cuCtxPushCurrent)
STUB(cuDeviceGet)
STUB(cuDeviceGetCount)
STUB(cuDriverGetVersion)
STUB(cuGetErrorName)
STUB(cuGetErrorString)
STUB(cuKernelGetAttribute)
STUB(cuKernelSetAttribute)
STUB(cuLaunchCooperativeKernel)
STUB(cuLaunchKernel)
STUB(cuLaunchKernelEx)
STUB(cuLibraryGetKernel)
STUB(cuLibraryLoadData)
STUB(cuLibraryLoadFromFile)
STUB(cuLibraryUnload)
STUB(cuLinkAddData)
STUB(cuLinkComplete)
STUB(cuLinkCreate)
STUB(cuLinkDestroy)
STUB(cuOccupancyMaxPotentialClusterSize)
STUB(cuStreamGetCtx)
