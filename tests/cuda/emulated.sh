# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Sourced by tests: an installation whose CUDA module runs on a device that the processor acts out.
# Arguments: the program, libgan, the module, the module of an older version.
set -euo pipefail
# Names of the files of the build; tests use them.
# shellcheck disable=SC2034
program=$1 library=$2 module=$3 old_module=$4
# shellcheck disable=SC2034
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lib/gimp-gan" "$work/data" "$work/cache"
export XDG_CACHE_HOME=$work/cache XDG_DATA_HOME=$work/data
ln -s "$(realpath "$library")" "$work/lib/libgan.so.0"
ln -s "$(realpath "$module")" "$work/lib/gimp-gan/gan-cuda.so"
n_failed=0
python=/usr/bin/python3
[[ -x $python ]] || python=python3

gan() {
    LD_LIBRARY_PATH=$work/lib:${LD_LIBRARY_PATH:-} "$program" "$@"
}

fail() {
    echo "FAILED: $*"
    n_failed=$((n_failed + 1))
}

finish() {
    ((n_failed == 0)) || exit 1
    echo "all as claimed"
}
