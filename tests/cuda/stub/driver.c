// SPDX-License-Identifier: LGPL-3.0-or-later
// A libcuda.so.1 that answers nothing, like the one that CUDA toolkits have for linking. cuDNN
// looks for these functions when it starts, and needs none of them to name engines for a device
// that is described to it.
#include "stub.h"

// As CUDA_ERROR_STUB_LIBRARY in cuda.h.
enum { STUB_LIBRARY = 34 };

STUB(cuCtxGetCurrent, STUB_LIBRARY)
STUB(cuCtxGetLimit, STUB_LIBRARY)
STUB(cuCtxPopCurrent, STUB_LIBRARY)
STUB(cuCtxPushCurrent, STUB_LIBRARY)
STUB(cuDeviceGet, STUB_LIBRARY)
STUB(cuDeviceGetCount, STUB_LIBRARY)
STUB(cuDriverGetVersion, STUB_LIBRARY)
STUB(cuGetErrorName, STUB_LIBRARY)
STUB(cuGetErrorString, STUB_LIBRARY)
STUB(cuKernelGetAttribute, STUB_LIBRARY)
STUB(cuKernelSetAttribute, STUB_LIBRARY)
STUB(cuLaunchCooperativeKernel, STUB_LIBRARY)
STUB(cuLaunchKernel, STUB_LIBRARY)
STUB(cuLaunchKernelEx, STUB_LIBRARY)
STUB(cuLibraryGetKernel, STUB_LIBRARY)
STUB(cuLibraryLoadData, STUB_LIBRARY)
STUB(cuLibraryLoadFromFile, STUB_LIBRARY)
STUB(cuLibraryUnload, STUB_LIBRARY)
STUB(cuLinkAddData, STUB_LIBRARY)
STUB(cuLinkComplete, STUB_LIBRARY)
STUB(cuLinkCreate, STUB_LIBRARY)
STUB(cuLinkDestroy, STUB_LIBRARY)
STUB(cuOccupancyMaxPotentialClusterSize, STUB_LIBRARY)
STUB(cuStreamGetCtx, STUB_LIBRARY)
