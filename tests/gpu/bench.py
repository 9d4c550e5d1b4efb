#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times networks on a GPU: gimp-gan with its own convolutions and with cuDNN's, PyTorch and ONNX Runtime.

All compute in float16 and are timed on the device, transfers not counted; gimp-gan's time with transfers stands
beside. Each line of the results tells images and TFLOP a second, and the part of the rate that a large matrix product
reaches here.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

import numpy as np

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/bench"))
import convert  # noqa: E402
import networks  # noqa: E402

SIZES = ((256, 256), (512, 512), (1080, 1920))
NETWORKS = ("srvgg-64-16", "srvgg-64-32", "span-48", "rrdb-23")
RUNS = 20


def own(options, model, device, height, width):
    command = [options.program, "bench", model, "--size", f"{width}x{height}", "--runs", str(RUNS), "--device", device,
               "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return {"problem": done.stderr.strip()[-400:]}
    row = json.loads(done.stdout)
    return {"ms": row["busy_ms"], "ms_with_transfers": row["median_ms"], "first_ms": row["first_ms"],
            "gflop": row["gflop"]}


def timed(torch, call):
    for _ in range(5):
        call()
    torch.cuda.synchronize()
    times = []
    for _ in range(RUNS):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        call()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


def ceiling(torch):
    """TFLOP/s of a large product of float16 matrices of noise."""
    n = 8192
    a, b = (torch.randn(n, n, device="cuda", dtype=torch.float16) for _ in range(2))
    return 2 * n ** 3 / timed(torch, lambda: a @ b) * 1e-9


def torch_rows(torch, graph, height, width):
    """PyTorch in float16 and channels_last: as it is, as one CUDA graph, and compiled."""
    torch.set_grad_enabled(False)
    torch.backends.cudnn.benchmark = True
    module = convert.torch_module(graph, torch.float16).cuda().to(memory_format=torch.channels_last)
    x = torch.rand(1, 3, height, width, device="cuda", dtype=torch.float16).to(memory_format=torch.channels_last)
    yield "torch", timed(torch, lambda: module(x))
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            module(x)
    torch.cuda.synchronize()
    recording = torch.cuda.CUDAGraph()
    with torch.cuda.graph(recording):
        module(x)
    yield "torch, CUDA graph", timed(torch, recording.replay)
    compiled = torch.compile(module, mode="max-autotune")
    yield "torch.compile max-autotune", timed(torch, lambda: compiled(x))


def onnx_row(options, graph, height, width):
    import onnxruntime as ort
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        raise RuntimeError("it has no CUDA provider")
    import torch
    path = pathlib.Path(options.work) / "network.onnx"
    convert.write_onnx(graph, str(path), height, width)
    session = ort.InferenceSession(str(path), providers=[("CUDAExecutionProvider", {"prefer_nhwc": "1"})])
    binding = session.io_binding()
    x = np.random.default_rng(1).random((1, 3, height, width), np.float32)
    binding.bind_ortvalue_input(session.get_inputs()[0].name, ort.OrtValue.ortvalue_from_numpy(x, "cuda", 0))
    binding.bind_output(session.get_outputs()[0].name, "cuda")
    return "onnxruntime CUDA, float32", timed(torch, lambda: session.run_with_iobinding(binding))


def main():
    parser = argparse.ArgumentParser()
    for name in ("program", "work", "results"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    options = parser.parse_args()
    try:
        import torch
        torch = torch if torch.cuda.is_available() else None
    except ImportError:
        torch = None
    results = open(options.results, "a", encoding="utf-8")

    def report(row):
        results.write(json.dumps(row) + "\n")
        results.flush()

    most = ceiling(torch) if torch else None
    if most:
        report({"ceiling_tflops": most})
        print(f"matrix product: {most:.0f} TFLOP/s")
    for name in options.networks:
        graph = networks.NETWORKS[name]()
        model = pathlib.Path(options.work) / f"{name}.safetensors"
        subprocess.run([sys.executable, str(TOP / "tests/bench/networks.py"), name, str(model)], check=True)
        for height, width in SIZES:
            gflop = None
            rows = []
            for device in ("cuda:own", "cuda:cudnn"):
                row = own(options, str(model), device, height, width)
                gflop = row.pop("gflop", gflop)
                rows.append(dict(row, engine="gimp-gan " + device))
            try:
                if torch:
                    rows += [{"engine": engine, "ms": ms} for engine, ms in torch_rows(torch, graph, height, width)]
            except Exception as problem:  # another engine's trouble is a line of the table, not the end of it
                rows.append({"engine": "torch", "problem": str(problem)[-400:]})
            try:
                engine, ms = onnx_row(options, graph, height, width)
                rows.append({"engine": engine, "ms": ms})
            except Exception as problem:
                rows.append({"engine": "onnxruntime", "problem": str(problem)[-400:]})
            for row in rows:
                row.update(network=name, height=height, width=width)
                if row.get("ms") and gflop:
                    row.update(images_per_second=1000 / row["ms"], tflops=gflop / row["ms"],
                               part_of_ceiling=gflop / row["ms"] / most if most else None)
                report(row)
                told = f"{row['ms']:9.3f} ms {row.get('tflops', 0):7.1f} TFLOP/s" if row.get("ms") else row["problem"]
                print(f"{name:12} {width}x{height}  {row['engine']:28} {told}")


if __name__ == "__main__":
    main()
