#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# The module as it is shipped, where the driver or cuDNN is missing or is not what it says: one line in words, and
# --device auto goes on without.
# Usage: faults.sh PROGRAM STUB-DRIVER [GRAPHS STUB-CUDNN DEVICE.json TOOLKIT], the last four where there is cuDNN
set -euo pipefail
program=$1 driver=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache XDG_DATA_HOME=$work/data
n_checked=0
python=/usr/bin/python3
[[ -x $python ]] || python=python3

# Whether the system has a library: has NAME. The whole list is read: a pipe that grep closes early is a failure of its own.
libraries=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p)
has() {
    grep -q "^[[:space:]]*$1 " <<<"$libraries"
}

# With the libraries of a folder before the system's, a command's output is one line with certain words:
# says FOLDER WORDS COMMAND...
says() {
    local folder=$1 words=$2 line
    shift 2
    line=$(LD_LIBRARY_PATH=$folder "$@" 2>&1 | grep -e 'No graphics processor' -e cuDNN || true)
    [[ $line == *"$words"* && $(wc -l <<<"$line") == 1 ]] || {
        echo "FAILED: $* says '$line'; wanted one line with '$words'"
        exit 1
    }
    n_checked=$((n_checked + 1))
}

mkdir "$work/none" "$work/driver"
ln -s "$(realpath "$driver")" "$work/driver/libcuda.so.1"
has libcuda.so.1 || says "$work/none" 'there is no NVIDIA driver' "$program" doctor
says "$work/driver" 'libcuda.so.1 is a stand-in for linking' "$program" doctor
"$(dirname "$0")/../../packaging/test-picture" 24 16 "$work/in.png"
"$python" "$(dirname "$0")/../bench/networks.py" srvgg-64-16 "$work/tiny.safetensors"
says "$work/driver" 'No graphics processor is used: ' \
    "$program" upscale "$work/in.png" --model "$work/tiny.safetensors" -o "$work/out.png"
[[ -s $work/out.png ]] || { echo 'FAILED: upscale on auto wrote no picture'; exit 1; }

if (($# > 2)); then
    graphs=$3 cudnn=$4 device=$5 toolkit=$6
    mkdir "$work/lacking" "$work/old" "$work/alone"
    ln -s "$(realpath "$driver")" "$work/lacking/libcudnn.so.9"
    ln -s "$(realpath "$cudnn")" "$work/old/libcudnn.so.9"
    has libcudnn.so.9 || says "$work/none" 'without cuDNN: libcudnn.so.9: cannot open' "$graphs" "$device"
    says "$work/lacking" 'without cuDNN: libcudnn.so.9 lacks cudnnGetVersion' "$graphs" "$device"
    # cuDNN's own libraries, and no cuBLAS among them.
    ln -s "$toolkit"/lib*/libcudnn*.so.9 "$work/alone/" 2>/dev/null || true
    has libcublasLt.so.13 || [[ ! -e $work/alone/libcudnn.so.9 ]] ||
        says "$work/alone:$work/driver" 'without cuDNN: it needs libcublasLt.so.13 of cuBLAS' "$graphs" "$device"
    says "$work/old" 'without cuDNN: it is version 8.9, and 9 is needed' "$graphs" "$device"
fi
echo "$n_checked faults are said in words"
