#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Whatever keeps a GPU from being used is said in one clear line, and auto goes on without it.
# shellcheck source=tests/cuda/emulated.sh
source "$(dirname "$0")/emulated.sh"

# What doctor says of GPUs, with the variables that are given: device_line NAME=VALUE...
device_line() {
    (
        for variable in "$@"; do export "${variable?}"; done
        gan doctor | grep -i 'device' | tail -n 1
    )
}

# A line holds words: says WORDS NAME=VALUE...
says() {
    local words=$1 line
    shift
    line=$(device_line "$@")
    [[ $line == *"$words"* ]] || fail "with '$*' doctor says '$line'; wanted '$words'"
    [[ $(wc -l <<<"$line") == 1 ]] || fail "with '$*' doctor needs several lines"
}

says 'Networks run on: GPU, Emulated A100, float16, built without cuDNN'
says 'there is no NVIDIA driver' EMULATED_CUDA_DRIVER=0 EMULATED_CUDA_FAIL=cudaGetDeviceCount=35
says 'libcuda.so.1 is a stand-in for linking' EMULATED_CUDA_DRIVER=0 EMULATED_CUDA_FAIL=cudaGetDeviceCount=34
says 'the NVIDIA driver is too old: it knows CUDA 12.4, and 13.0 or newer is needed' \
    EMULATED_CUDA_DRIVER=12040 EMULATED_CUDA_FAIL=cudaGetDeviceCount=35
says 'the NVIDIA driver finds no graphics processor' EMULATED_CUDA_FAIL=cudaGetDeviceCount=100
says 'the NVIDIA driver does not work: ' EMULATED_CUDA_FAIL=cudaGetDeviceCount=999
says 'Emulated A100 has compute capability 7.0; float16 needs 7.5 or newer' EMULATED_CUDA_SM=70
says 'Emulated A100 has no memory left: 100 of 100 MB are free' EMULATED_CUDA_MB=100
says 'Emulated A100 cannot be opened: ' EMULATED_CUDA_FAIL=cudaMemGetInfo=999
says 'Emulated A100, float16 cannot be opened: a stream: ' EMULATED_CUDA_FAIL=cudaStreamCreateWithFlags=700

ln -sf "$(realpath "$old_module")" "$work/lib/gimp-gan/gan-cuda.so"
says 'belongs to another version of gimp-gan'
rm "$work/lib/gimp-gan/gan-cuda.so"
echo 'no module' >"$work/lib/gimp-gan/gan-cuda.so"
says 'the installation is broken: '
rm "$work/lib/gimp-gan/gan-cuda.so"
says 'this installation has no gan-cuda.so'
ln -s "$(realpath "$module")" "$work/lib/gimp-gan/gan-cuda.so"

# Devices by index, by a part of the name, by what they compute in.
"$python" "$here/../bench/networks.py" srvgg-64-16 "$work/tiny.safetensors"
device_of() {
    gan bench "$work/tiny.safetensors" --size 8x8 --runs 1 --device "$1" >"$work/said" 2>&1 || true
    grep -e ' device ' -e 'gimp-gan' "$work/said" | head -n 1
}
is() {
    local line
    line=$(device_of "$1")
    [[ $line == *"$2"* ]] || fail "--device $1 says '$line'; wanted '$2'"
}
is cuda 'GPU, Emulated A100, float16'
is cuda:1 'GPU, Emulated RTX, float16'
is cuda:rtx 'GPU, Emulated RTX, float16'
is cuda:RTX:float32 'GPU, Emulated RTX, float32'
is cuda:1:own:bfloat16 'GPU, Emulated RTX, bfloat16'
is cuda:2 "device 'cuda:2': no device is '2'; there are 0: Emulated A100, 1: Emulated RTX"
is cuda:Radeon "no device is 'Radeon'; there are 0: Emulated A100, 1: Emulated RTX"
is cuda:cudnn 'built without cuDNN'
is auto 'GPU, Emulated A100, float16'

# auto goes on with the processor and says so.
export EMULATED_CUDA_FAIL=cudaGetDeviceCount=100
is auto 'CPU, '
"$here/../../packaging/test-picture" 24 16 "$work/in.png"
gan upscale "$work/in.png" --model "$work/tiny.safetensors" -o "$work/out.png" >"$work/said" 2>&1 ||
    fail "upscale on auto without a GPU: $(cat "$work/said")"
grep -q 'No graphics processor is used: the NVIDIA driver finds no graphics processor' "$work/said" ||
    fail "upscale on auto says '$(cat "$work/said")'"
finish
