#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Runs the check of cuDNN's graphs where there may be no driver: cuDNN wants libcuda.so.1 to be there, and the
# toolkit has one that answers nothing.
# Usage: graphs.sh PROGRAM DEVICE.json TOOLKIT
set -euo pipefail
program=$1 device=$2 toolkit=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ldconfig -p | grep -q 'libcuda\.so\.1 ' || ln -s "$toolkit/lib64/stubs/libcuda.so" "$folder/libcuda.so.1"
LD_LIBRARY_PATH=$folder:$toolkit/lib64:${LD_LIBRARY_PATH:-} "$program" "$device"
