#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-3.0-or-later
# Networks on the GPU give what they give on the processor: every family, pictures in one piece and
# in tiles, and where memory or the range of float16 does not suffice.
# shellcheck source=tests/cuda/emulated.sh
source "$(dirname "$0")/emulated.sh"

cat >"$work/tools.py" <<'PY'
import json
import struct
import sys
import zlib

import numpy as np


def compare(a, b, limit):
    x, y = np.fromfile(a, np.float32), np.fromfile(b, np.float32)
    if x.shape != y.shape or not np.isfinite(x).all():
        sys.exit(f"{x.size} values, {np.isfinite(x).sum()} finite; wanted {y.size}")
    worst, size = np.abs(x - y).max(), max(1.0, np.abs(y).max())
    if not worst <= limit * size:
        sys.exit(f"off by {worst / size:g}; allowed {limit:g}")


def read_png(path):
    """Values of an 8-bit RGB PNG without interlacing."""
    data = open(path, "rb").read()
    place, packed = 8, b""
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        chunk = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
            assert depth == 8 and colour in (2, 6), (depth, colour)
        packed += chunk if kind == b"IDAT" else b""
        place += 12 + length
    step = 3 if colour == 2 else 4
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * step)
    picture = np.zeros((height + 1, (width + 1) * step), np.int32)
    for y, row in enumerate(rows):
        kind, line, above = row[0], picture[y + 1], picture[y]
        for x in range(step, (width + 1) * step):
            a, b, c = line[x - step], above[x], above[x - step]
            nearest = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line[x] = (row[1 + x - step] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
    return picture[1:, step:]


def compare_pictures(a, b):
    x, y = read_png(a), read_png(b)
    if x.shape != y.shape:
        sys.exit(f"{x.shape} values; wanted {y.shape}")
    near = (np.abs(x - y) <= 1).mean()
    if near < 0.999:
        sys.exit(f"{near:.2%} of the values are within a level, {np.abs(x - y).max()} is the worst")


def stretch(a, b):
    """The first convolution times 2^14, the last one over it: PReLU passes factors on."""
    data = open(a, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    last = max((k for k in header if k.endswith(".bias")), key=lambda k: int(k.split(".")[1]))
    body = bytearray(data[8 + length:])
    for name, entry in header.items():
        layer = name.split(".")
        factor = 1.0
        if name == "body.0.weight" or (layer[-1] == "bias" and name != last):
            factor = 2.0 ** 14
        elif name == last.replace("bias", "weight"):
            factor = 2.0 ** -14
        if factor != 1.0:
            start, end = entry["data_offsets"]
            body[start:end] = (np.frombuffer(body[start:end], np.float32) * np.float32(factor)).tobytes()
    open(b, "wb").write(data[:8 + length] + bytes(body))


def restorer(a, b, factor):
    """TransformerNet as a model that restores, its first convolution times a factor that its norm takes away."""
    data = open(a, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    body = bytearray(data[8 + length:])
    for name in ("conv1.conv2d.weight", "conv1.conv2d.bias"):
        start, end = header[name]["data_offsets"]
        body[start:end] = (np.frombuffer(body[start:end], np.float32) * np.float32(factor)).tobytes()
    header["__metadata__"] = {"task": "restore"}
    text = json.dumps(header).encode()
    open(b, "wb").write(struct.pack("<Q", len(text)) + text + bytes(body))


if sys.argv[1] == "pictures":
    compare_pictures(*sys.argv[2:4])
elif sys.argv[1] == "stretch":
    stretch(*sys.argv[2:4])
elif sys.argv[1] == "restorer":
    restorer(sys.argv[2], sys.argv[3], float(sys.argv[4]))
elif sys.argv[1] == "noise":
    np.random.default_rng(5).random(int(sys.argv[2]), np.float32).tofile(sys.argv[3])
else:
    compare(sys.argv[2], sys.argv[3], float(sys.argv[4]))
PY

# same MODEL DEVICE LIMIT: the network, three times, so that its work is recorded and replayed.
same() {
    local model=$1 device=$2 limit=$3 channels name
    name=$(basename "$(dirname "$model")")/$(basename "$model")
    gan bench "$model" --size 21x18 --runs 1 --device cpu --output-raw "$work/cpu" --input-raw "$work/in1" \
        >"$work/log" 2>&1 && channels=1 || channels=3
    # What takes neither grey nor colours is no network for pictures.
    [[ $channels == 1 ]] || gan bench "$model" --size 21x18 --runs 1 --device cpu --output-raw "$work/cpu" \
        --input-raw "$work/in3" >"$work/log" 2>&1 || return 0
    gan bench "$model" --size 21x18 --runs 2 --device "$device" --output-raw "$work/gpu" \
        --input-raw "$work/in$channels" >"$work/log" 2>&1 || {
        fail "$name on $device: $(cat "$work/log")"
        return
    }
    "$python" "$work/tools.py" compare "$work/gpu" "$work/cpu" "$limit" >"$work/log" 2>&1 ||
        fail "$name on $device: $(cat "$work/log")"
    n_same=$((n_same + 1))
}

"$python" "$work/tools.py" noise $((21 * 18)) "$work/in1"
"$python" "$work/tools.py" noise $((21 * 18 * 3)) "$work/in3"
n_same=0
while read -r model; do
    # Weights at random, which amplify the rounding of float16 more than trained ones do.
    same "$model" cuda 0.03
    same "$model" cuda:float32 2e-5
done < <(find "$here/../golden/models" -name '*.safetensors' ! -name '*.golden.*' | sort)
((n_same >= 10)) || fail "only $n_same networks were compared"
# Pictures: as on the processor within a level of 8 bits on 99.9 % of the values.
"$python" "$here/../bench/networks.py" srvgg-64-16 "$work/srvgg.safetensors"
"$here/../../packaging/test-picture" 75 57 "$work/in.png"
gan upscale "$work/in.png" --model "$work/srvgg.safetensors" --device cpu -o "$work/cpu.png" >"$work/log" 2>&1 ||
    fail "upscale on the processor: $(cat "$work/log")"

# picture NAME OPTION...: does what `verb` says on the GPU and compares.
verb=upscale
picture() {
    local name=$1
    shift
    gan "$verb" "$work/in.png" --device cuda -o "$work/gpu.png" --overwrite "$@" >"$work/log" 2>&1 || {
        fail "$name: $(cat "$work/log")"
        return
    }
    "$python" "$work/tools.py" pictures "$work/gpu.png" "$work/cpu.png" >"$work/log" 2>&1 ||
        fail "$name: $(cat "$work/log")"
}

picture 'in one piece' --model "$work/srvgg.safetensors"
# In tiles of several shapes, whose plans take turns.
picture 'in tiles' --model "$work/srvgg.safetensors" --memory 4M
# The call that asks for the plan's memory fails: half the tile, until it goes.
EMULATED_CUDA_MB=262 picture 'with little memory' --model "$work/srvgg.safetensors" --memory 60M

# What is predicted of the process's memory and of the GPU's.
gan upscale "$work/in.png" --device cuda --model "$work/srvgg.safetensors" --memory 4M --dry-run --json >"$work/log"
"$python" - "$work/log" <<'PY' || fail "the plan of a run on a GPU: $(cat "$work/log")"
import json, sys
plan = next(e for e in map(json.loads, open(sys.argv[1])) if e.get("event") == "would-do")
assert plan["tiles"] > 1 and 0 < plan["memory_bytes"] <= 4 << 20 and 0 < plan["gpu_bytes"] <= 4 << 20
PY

# Weights so large that float16 overflows inside, with the same result in the end.
"$python" "$work/tools.py" stretch "$work/srvgg.safetensors" "$work/loud.safetensors"
picture 'beyond float16' --model "$work/loud.safetensors"
if EMULATED_CUDA_FAIL=cudaLaunchKernel=700@20 gan upscale "$work/in.png" --device cuda --overwrite \
    --model "$work/srvgg.safetensors" -o "$work/gpu.png" >"$work/log" 2>&1; then
    fail 'a failing device went unnoticed'
elif ! grep -q 'cudaErrorIllegalAddress' "$work/log"; then
    fail "a failing device is told as '$(cat "$work/log")'"
fi
# A norm over the whole picture: in passes over the tiles, also where what it takes away is beyond float16.
norms=$here/../golden/models/transformernet-w4.safetensors
"$python" "$work/tools.py" restorer "$norms" "$work/norms.safetensors" 1
"$python" "$work/tools.py" restorer "$norms" "$work/loud-norms.safetensors" 4096
verb=restore
"$here/../../packaging/test-picture" 160 120 "$work/in.png"
gan restore "$work/in.png" --model "$work/norms.safetensors" --device cpu --overwrite -o "$work/cpu.png" \
    >"$work/log" 2>&1 || fail "restore on the processor: $(cat "$work/log")"
gan restore "$work/in.png" --model "$work/norms.safetensors" --device cuda --memory 1200K --dry-run --json >"$work/log"
grep -q '"tiles":[0-9][0-9]' "$work/log" || fail "no passes over tiles: $(cat "$work/log")"
picture 'in passes' --model "$work/norms.safetensors" --memory 1200K
picture 'in passes beyond float16' --model "$work/loud-norms.safetensors" --memory 1200K

echo "$n_same comparisons of networks"
finish
