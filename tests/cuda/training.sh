#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Training on the GPU: operations, their gradients and whole trajectories against PyTorch's golden files, mixed
# precision against float32, and what `gimp-gan train` does there against the processor.
# shellcheck source=tests/cuda/emulated.sh
source "$(dirname "$0")/emulated.sh"
recipes=$5 precision=$6
shift 6

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
ln -s "$(realpath "$precision")" "$work/lib/precision"
TEST_DEVICE=cuda:own RECIPES=$recipes "$work/lib/precision" >"$work/precision.txt" 2>&1 || {
    tail -n 20 "$work/precision.txt"
    fail "mixed precision"
}
PYTHON=$python LD_LIBRARY_PATH=$work/lib:${LD_LIBRARY_PATH:-} \
    "$here/../gpu/train-alike" "$program" "$recipes" cuda:own float32 1e-3 || fail "losses"
PYTHON=$python LD_LIBRARY_PATH=$work/lib:${LD_LIBRARY_PATH:-} \
    "$here/../gpu/train-alike" "$program" "$recipes" cuda:own bfloat16 2e-2 || fail "losses in mixed precision"
mkdir "$work/photos"
for size in 48 64; do
    "$here/../../packaging/test-picture" $size $size "$work/photos/$size.png"
done
# learn FOLDER: four small steps.
learn() {
    gan train "$recipes/sr-faithful.ini" --data "$work/photos" -o "$work/$1" --device cuda:own \
        --set network.features=8 --set network.blocks=1 --set data.batch=2 --set data.patch=32 --set run.steps=4 \
        --set run.samples_every=0 --set run.validate_every=0 >"$work/$1.txt" 2>&1
}
# Cards before Ampere have no bfloat16.
EMULATED_CUDA_SM=75 learn old-card || fail "an old card"
grep -q 'steps compute in float32: .* bfloat16 needs 8.0' "$work/old-card.txt" || fail "an old card's notice"
# Steps after the first are played from a recording; where none can be made they are the same.
learn recorded || fail "recorded steps"
EMULATED_CUDA_FAIL=cudaStreamBeginCapture=999 learn by-hand || fail "steps that are not recorded"
cmp "$work"/{recorded,by-hand}/sr-faithful-last.safetensors || fail "recorded steps differ"
EMULATED_CUDA_FAIL=cudaGraphLaunch=999 learn broken && fail "a recording that is not played"
grep -q 'training step: .*cudaErrorUnknown' "$work/broken.txt" || fail "words for a recording that is not played"
finish
