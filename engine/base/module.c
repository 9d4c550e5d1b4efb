// SPDX-License-Identifier: LGPL-3.0-or-later
// Loadable modules of kernels. A module that was opened is never closed: what a driver's libraries
// leave behind in a process does not bear it.
#include "module.h"
#include "folders.h"

#include <dlfcn.h>

char *gan_module_find(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".so", NULL);
    g_autofree char *own = gan_folders_library();
    g_autofree char *beside = own != NULL ? g_build_filename(own, "gimp-gan", file, NULL) : NULL;
    if (beside != NULL && g_file_test(beside, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&beside);
    g_autofree char *installed = g_build_filename(GAN_MODULE_FOLDER, file, NULL);
    return g_file_test(installed, G_FILE_TEST_EXISTS) ? g_steal_pointer(&installed) : NULL;
}

const GkModule *gan_module_open(const char *name, GError **error)
{
    g_autofree char *path = gan_module_find(name);
    if (path == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "this installation has no %s.so", name);
        return NULL;
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE, "the installation is broken: %s",
                    dlerror());
        return NULL;
    }
    const GkModule *module = dlsym(library, "gk_module");
    if (module == NULL)
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE,
                    "the installation is broken: %s holds no kernels", path);
    else if (module->bytes != sizeof(GkBackend) || g_strcmp0(module->version, GAN_VERSION) != 0)
        g_set_error(error, GAN_ERROR, GAN_ERROR_DEVICE,
                    "the installation is broken: %s belongs to another version of gimp-gan than "
                    "%s",
                    path, GAN_VERSION);
    else
        return module;
    dlclose(library);
    return NULL;
}
