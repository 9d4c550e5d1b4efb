#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Training on the GPU: operations, their gradients and whole trajectories against PyTorch's golden files, and what
# `gimp-gan train` does there against the processor.
# shellcheck source=tests/cuda/emulated.sh
source "$(dirname "$0")/emulated.sh"
recipes=$5
shift 5

# Programs find the module beside themselves.
for test in "$@"; do
    name=${test##*/}
    ln -s "$(realpath "$test")" "$work/lib/$name"
    TEST_DEVICE=cuda:own "$work/lib/$name" >"$work/$name.txt" 2>&1 || {
        tail -n 20 "$work/$name.txt"
        fail "$name on the device"
    }
    grep -q '^ok' "$work/$name.txt" || fail "$name: nothing was run"
done
PYTHON=$python LD_LIBRARY_PATH=$work/lib:${LD_LIBRARY_PATH:-} \
    "$here/../gpu/train-alike" "$program" "$recipes" cuda:own 1e-3 || fail "losses"
finish
