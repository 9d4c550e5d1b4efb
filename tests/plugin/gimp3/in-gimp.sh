#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Runs one group of tests inside GIMP 3, in a profile of its own and without a display.
# Usage: in-gimp.sh GROUP, with GIMP_GAN, PLUGIN (the plug-in's program), TEST_PLUGIN and GOLDEN set.
set -uo pipefail
# shellcheck source=../own-folders.sh
. "$(dirname "${BASH_SOURCE[0]}")/../own-folders.sh"
group=$1
: "${GIMP_GAN:?}" "${PLUGIN:?}" "${TEST_PLUGIN:?}" "${GOLDEN:?}"
gimp=$(command -v gimp-console-3 gimp-console-3.2 gimp-console-3.0 | head -n 1)
[[ -n $gimp ]] || {
    echo 'gimp-console-3 is not installed'
    exit 77
}
TEST_FOLDER=$(mktemp -d)
export TEST_FOLDER
trap 'rm -rf "$TEST_FOLDER"' EXIT
profile=$TEST_FOLDER/profile
mkdir -p "$profile"/plug-ins/{gimp-gan,gan-test} "$TEST_FOLDER/own/models"
ln -s "$PLUGIN" "$profile/plug-ins/gimp-gan/gimp-gan"
ln -s "$TEST_PLUGIN" "$profile/plug-ins/gan-test/gan-test"
system=$(pkg-config --variable=gimplibdir gimp-3.0)/plug-ins
for name in script-fu file-png file-jpeg file-tiff file-gif-load file-heif file-svg; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
printf '(plug-in-path "%s")\n(tile-cache-size 512m)\n(config-version "%s")\n' \
    "$profile/plug-ins:$profile/system" "$(pkg-config --modversion gimp-3.0)" >"$profile/gimprc"
export GIMP3_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
own_folders "$TEST_FOLDER/own"
unset DISPLAY WAYLAND_DISPLAY GEGL_PATH
# The tests leave their own status, because a plug-in that dies ends GIMP with 0.
timeout "${TEST_SECONDS:-240}" "$gimp" -i -d -s --quit --batch-interpreter plug-in-script-fu-eval \
    -b "(gan-test #:group \"$group\")" 2>&1
status=$(cat "$TEST_FOLDER/status" 2>/dev/null)
[[ $status == 0 ]] || {
    echo "the tests ended with '${status:-no status}'"
    exit 1
}
