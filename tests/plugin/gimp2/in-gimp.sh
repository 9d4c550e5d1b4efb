#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Runs one group of tests inside GIMP 2.10, in a profile of its own and without a display.
# Usage: in-gimp.sh GROUP, with GIMP_GAN, PLUGIN (the plug-in's program), TEST_PLUGIN and GOLDEN set.
set -uo pipefail
# shellcheck source=../own-folders.sh
. "$(dirname "${BASH_SOURCE[0]}")/../own-folders.sh"
group=$1
: "${GIMP_GAN:?}" "${PLUGIN:?}" "${TEST_PLUGIN:?}" "${GOLDEN:?}"
gimp=$(command -v gimp-console-2.10) || {
    echo 'gimp-console-2.10 is not installed'
    exit 77
}
TEST_FOLDER=$(mktemp -d)
export TEST_FOLDER
trap 'rm -rf "$TEST_FOLDER"' EXIT
profile=$TEST_FOLDER/profile
# GIMP takes a folder that exists for a whole profile and misses what is not in it.
mkdir -p "$profile"/{gradients,plug-ins/{gimp-gan,gan-test}} "$TEST_FOLDER/own/models"
ln -s "$PLUGIN" "$profile/plug-ins/gimp-gan/gimp-gan"
ln -s "$TEST_PLUGIN" "$profile/plug-ins/gan-test/gan-test"
system=$(pkg-config --variable=gimplibdir gimp-2.0)/plug-ins
for name in script-fu file-png file-jpeg file-tiff file-gif-load file-heif; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
# A small cache makes GIMP swap in tests of large images; "default" leaves it at half of the machine's memory.
cache=${TEST_TILE_CACHE:-512m}
{
    printf '(plug-in-path "%s")\n' "$profile/plug-ins:$profile/system"
    [[ $cache == default ]] || printf '(tile-cache-size %s)\n' "$cache"
} >"$profile/gimprc"
export GIMP2_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
own_folders "$TEST_FOLDER/own"
unset DISPLAY WAYLAND_DISPLAY GEGL_PATH
# GIMP ends with 0 whatever happened; the tests leave their own status.
timeout "${TEST_SECONDS:-240}" "$gimp" -i -d -s -b "(gan-test RUN-NONINTERACTIVE \"$group\")" -b '(gimp-quit 1)' 2>&1 |
    tee "$TEST_FOLDER/said"
status=$(cat "$TEST_FOLDER/status" 2>/dev/null)
[[ $status == 0 ]] || {
    echo "the tests ended with '${status:-no status}'"
    exit 1
}
# GIMP closes the groups of undo steps that a plug-in leaves open, and says so.
if grep -a 'undo in inconsistent state' "$TEST_FOLDER/said"; then
    exit 1
fi
# What a sanitizer found while the plug-in ended, when GIMP had its results already.
if grep -aE '(Address|Leak)Sanitizer|runtime error' "$TEST_FOLDER/said"; then
    exit 1
fi
