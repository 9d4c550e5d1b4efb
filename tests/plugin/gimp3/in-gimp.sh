#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Runs one group of tests inside GIMP 3, in a profile of its own and without a display.
# Usage: in-gimp.sh GROUP, with GIMP_GAN, PLUGIN (the plug-in's program), TEST_PLUGIN and GOLDEN set.
set -uo pipefail
group=$1
: "${GIMP_GAN:?}" "${PLUGIN:?}" "${TEST_PLUGIN:?}" "${GOLDEN:?}"
gimp=$(command -v gimp-console-3.0) || {
    echo 'gimp-console-3.0 is not installed'
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
for name in script-fu file-png file-jpeg file-tiff; do
    mkdir -p "$profile/system/$name"
    ln -s "$system/$name/$name" "$profile/system/$name/$name"
done
printf '(plug-in-path "%s")\n(tile-cache-size 512m)\n(config-version "3.0.4")\n' \
    "$profile/plug-ins:$profile/system" >"$profile/gimprc"
# Nothing of the user's own takes part; what Babl learns of conversions is kept from test to test.
export GIMP3_DIRECTORY=$profile LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
export XDG_DATA_HOME=$TEST_FOLDER/own/data XDG_DATA_DIRS=$TEST_FOLDER/own/system:/usr/local/share:/usr/share
export XDG_CONFIG_HOME=$TEST_FOLDER/own/config XDG_CACHE_HOME=${TEST_CACHE:-$TEST_FOLDER/own/cache}
unset DISPLAY WAYLAND_DISPLAY GEGL_PATH
# The tests leave their own status, because a plug-in that dies ends GIMP with 0.
timeout "${TEST_SECONDS:-240}" "$gimp" -i -d -s --quit --batch-interpreter plug-in-script-fu-eval \
    -b "(gan-test #:group \"$group\")" 2>&1
status=$(cat "$TEST_FOLDER/status" 2>/dev/null)
[[ $status == 0 ]] || {
    echo "the tests ended with '${status:-no status}'"
    exit 1
}
