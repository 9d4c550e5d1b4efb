# SPDX-License-Identifier: LGPL-3.0-or-later
# shellcheck shell=bash
# The folders of data, settings and caches that GIMP and the plug-in see in a test: own_folders FOLDER. Nothing of the
# user's own takes part, nor models and recipes that are installed on this system; what Babl learns of conversions is
# kept from test to test.
own_folders() {
    local folder=$1 shared
    local -a entries
    export XDG_DATA_HOME=$folder/data XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=${TEST_CACHE:-$folder/cache}
    XDG_DATA_DIRS=$folder/system
    for shared in /usr/local/share /usr/share; do
        mapfile -t entries < <(find "$shared" -mindepth 1 -maxdepth 1 ! -name gimp-gan)
        mkdir -p "$folder$shared"
        ((${#entries[@]} == 0)) || ln -s -t "$folder$shared" "${entries[@]}"
        XDG_DATA_DIRS+=:$folder$shared
    done
    export XDG_DATA_DIRS
}
