# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times gimp-gan and other engines on equal networks, in turns, and prints a Markdown table.

Each engine lives in a process of its own and they take turns; ratios are taken within a round. All run in float32 on
the same number of threads, with their input in memory, and all outputs are compared with a float64 run of the same
network.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

import convert
import engines
import networks
import turns

OWN = "gimp-gan"
PLAN = {  # the sizes that are measured when none are given
    "srvgg-64-16": (128, 256, 512),
    "srvgg-64-32": (128, 256, 512),
    "rrdb-23": (64, 128),
    "span-48": (128, 256),
    "edsr-m": (128, 256),
    "transformernet": (512, 1024),
    "resnetgen-9": (512,),
    "unetgen-8": (256,),
    "drunet": (512,),
    "ffdnet": (512,),
}
DEFAULT_ENGINES = ["onnxruntime", "openvino", "ncnn", "mnn", "torch", "torch-frozen"]

# How an engine is held to AVX2. Those that are missing here have no switch.
AVX2 = {
    "openvino": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "torch": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}


class Peer(turns.Worker):
    """An engine that runs one network on one size of picture."""

    def __init__(self, engine, network, folder, size, options):
        height = width = size
        environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
        if engine == OWN:
            device = "cpu:avx2" if options.avx2 else "cpu"
            command = [options.own, f"{folder}/{network}.safetensors", f"{folder}/{network}@{height}x{width}.raw",
                       str(height), str(width), device, str(options.threads)]
        else:
            if options.avx2:
                environment.update(AVX2.get(engines.PACKAGES.get(engine, engine), {}))
            command = [sys.executable, str(turns.TOP / "tests/bench/engines.py"), engine, network, str(folder),
                       str(height), str(width), str(options.threads)]
        super().__init__(engine, command, folder / f"{engine}-{network}@{size}.log", environment)

    def run(self):
        return float(self.ask("run", "ms"))

    def peak_mb(self):
        """Peak resident memory so far."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM"):
                    return int(line.split()[1]) * 1024 / 1e6
        raise RuntimeError(f"{self.name}: the process is gone")

    def output(self, folder):
        path = folder / "output.raw"
        self.ask(f"save {path}", "ok")
        return np.fromfile(path, np.float32)


def reference(graph, x):
    """The network's output in double precision, channels last."""
    import torch
    module = convert.torch_module(graph, torch.float64)
    with torch.inference_mode():
        y = module(torch.from_numpy(x.transpose(0, 3, 1, 2).astype(np.float64)))
    return y.numpy()[0].transpose(1, 2, 0).astype(np.float32).ravel()


def prepare(graph, size, folder, wanted):
    """Writes input and network in every format that the engines read; returns the reference output."""
    base = str(folder / f"{graph.name}@{size}x{size}")
    x = np.random.default_rng(size).random((1, size, size, 3), dtype=np.float32)
    x = x * (graph.white - graph.black) + graph.black
    x.tofile(base + ".raw")
    networks.write_safetensors(folder / f"{graph.name}.safetensors", graph.weights)
    convert.write_onnx(graph, base + ".onnx", size, size)
    if "ncnn" in wanted:
        convert.write_ncnn(graph, base, size, size)
    if {"mnn", "mnn-normal"} & set(wanted):
        convert.write_mnn(base + ".onnx", base + ".mnn")
    known = pathlib.Path(base + ".reference.npy")
    if not known.exists():
        np.save(known, reference(graph, x))
    return np.load(known)


def measure(network, size, options, folder):
    """Returns one row per engine: times of all rounds, error, memory."""
    graph = networks.NETWORKS[network]()
    black, white = graph.black, graph.white
    expected = (prepare(graph, size, folder, options.engines) - black) / (white - black)
    workers, failed = [], {}
    for engine in options.engines:
        try:
            workers.append(Peer(engine, network, folder, size, options))
        except RuntimeError as error:
            failed[engine] = str(error)
            print(f"{network} {size}: {error}", file=sys.stderr)
        time.sleep(turns.PAUSE_S)
    turns.take(workers, options.rounds, f"{network} {size}", Peer.run)
    rows = {}
    for worker in workers:
        peak = worker.peak_mb()
        output = (worker.output(folder) - black) / (white - black)
        worker.close()
        difference = np.abs(output - expected)
        levels = np.abs(np.rint(np.clip(output, 0, 1) * 255) - np.rint(np.clip(expected, 0, 1) * 255))
        rows[worker.name] = {
            "times_ms": worker.times, "median_ms": statistics.median(worker.times), "best_ms": min(worker.times),
            "load_ms": worker.ready["load_ms"], "first_ms": worker.ready["first_ms"], "peak_mb": peak,
            "max_abs_difference": float(difference.max()), "max_levels": int(levels.max()),
            "pixels_off_percent": float(100 * (levels.reshape(-1, 3).max(1) > 0).mean()),
            "device": worker.ready.get("device"),
        }
    return {"network": network, "size": size, "scale": graph.scale, "rows": rows, "failed": failed,
            "gflop": networks.flops(graph, size, size) / 1e9}


def ratios(row, own):
    """How many times as long as gimp-gan an engine took, round by round."""
    return [a / b for a, b in zip(row["times_ms"], own["times_ms"])]


def table(result, avx2):
    """Prints one network and size."""
    rows, own = result["rows"], result["rows"].get(OWN)
    print(f"\n### {result['network']} x{result['scale']}, {result['size']}x{result['size']} input "
          f"({result['gflop']:.1f} GFLOP){', AVX2' if avx2 else ''}\n")
    print("| engine | median ms (best) | GFLOP/s | times gimp-gan [least .. most] | largest difference "
          "| 8-bit pixels off | peak MB | load + first run ms |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, row in sorted(rows.items(), key=lambda item: item[1]["median_ms"]):
        ratio = "-"
        if own and name != OWN:
            r = ratios(row, own)
            ratio = f"{statistics.median(r):.2f} [{min(r):.2f} .. {max(r):.2f}]"
        free = avx2 and name != OWN and engines.PACKAGES.get(name, name) not in AVX2
        print(f"| {name}{' (no switch: not held to AVX2)' if free else ''} "
              f"| {row['median_ms']:.1f} ({row['best_ms']:.1f}) | {result['gflop'] / row['median_ms'] * 1000:.0f} "
              f"| {ratio} | {row['max_abs_difference']:.1e} "
              f"| {row['pixels_off_percent']:.3f} % by {row['max_levels']} | {row['peak_mb']:.0f} "
              f"| {row['load_ms']:.0f} + {row['first_ms']:.0f} |")
    for name, why in result["failed"].items():
        print(f"| {name} | failed: {why.splitlines()[-1]} | | | | | | |")


def bare_interpreter_mb():
    """Peak resident memory of Python with numpy, which every peer's figure contains."""
    code = "import numpy, json; print([l for l in open('/proc/self/status') if 'VmHWM' in l][0].split()[1])"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                              check=True).stdout) * 1024 / 1e6


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=list(networks.NETWORKS), default=list(networks.NETWORKS))
    parser.add_argument("--sizes", nargs="+", type=int, help="side of the input, pixels (default: per network)")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--engines", nargs="+", choices=[OWN, *engines.ENGINES], default=[OWN, *DEFAULT_ENGINES])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--avx2", action="store_true", help="hold every engine that has a switch to AVX2")
    parser.add_argument("--json", type=pathlib.Path, help="also write all figures to this file")
    parser.add_argument("--own", help="driver of libgan to use instead of building it")
    return parser.parse_args()


def main():
    options = arguments()
    folder = turns.BUILD / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    if OWN in options.engines and not options.own:
        options.own = turns.build("own")
    about = turns.machine() | {"threads": options.threads, "rounds": options.rounds, "avx2": options.avx2,
                         "bare_interpreter_mb": bare_interpreter_mb()}
    print(f"{about['cpu']}, {about['cores']} cores, {options.threads} threads, float32, "
          f"{options.rounds} rounds in turns; "
          + ", ".join(f"{name} {version}" for name, version in about["versions"].items() if version)
          + f". Peers' memory contains {about['bare_interpreter_mb']:.0f} MB of Python with numpy.")
    results = []
    for network in options.networks:
        for size in options.sizes or PLAN[network]:
            results.append(measure(network, size, options, folder))
            table(results[-1], options.avx2)
            sys.stdout.flush()
            if options.json:
                options.json.write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    return 1 if any(result["failed"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
