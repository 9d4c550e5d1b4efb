# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times training steps of gimp-gan and of PyTorch on the same network, in turns, and prints a Markdown table.

A step is what a training does with a batch that lies in memory: the network forward, the loss L1, all gradients, and
Adam. Everybody begins with the same weights and the same batch and takes turns of a few steps; ratios are taken within
a round. In the end all must have come to the same loss.

On the processor all compute in float32 on the same number of threads, PyTorch in both memory formats. On a GPU
(--device cuda) the batch is sent there in each step, gimp-gan computes in bfloat16 and in float32, and PyTorch, in
channels_last, with AMP in bfloat16, the same compiled, and in float32.
"""
import argparse
import json
import pathlib
import statistics
import sys
import time

import numpy as np

import convert
import networks
import turns

# Ours: the device. The first is what others are compared with.
OWN = {
    "cpu": {"gimp-gan": "cpu"},
    "cuda": {"gimp-gan bfloat16": "cuda:bfloat16", "gimp-gan float32": "cuda:float32"},
}
# PyTorch's: channels_last, AMP, compiled.
TORCH = {
    "cpu": {"torch channels-last": (True, False, False), "torch contiguous": (False, False, False)},
    "cuda": {"torch AMP": (True, True, False), "torch AMP, compiled": (True, True, True),
             "torch float32": (True, False, False)},
}
RATE = 1e-4
NETWORKS = {  # the recipe's family and its settings
    "srvgg-64-16": ("srvgg", 64, 16),
    "srvgg-64-8": ("srvgg", 64, 8),
    "rrdb-23": ("rrdb", 64, 23),
}


def graph_of(network):
    family, features, blocks = NETWORKS[network]
    return networks.srvgg(features, blocks) if family == "srvgg" else networks.rrdb(blocks)


def recipe():
    """Where it is in the sources, or in a bundle."""
    path = turns.TOP / "weights/recipes/sr-faithful.ini"
    return path if path.exists() else turns.TOP / "share/gimp-gan/recipes/sr-faithful.ini"


class TorchStep:
    """PyTorch's training of the network."""

    def __init__(self, name, network, folder, device, batch, patch, threads):
        import torch
        torch.set_num_threads(threads)
        torch.backends.cudnn.benchmark = True
        self.torch, self.device = torch, device
        channels_last, self.amp, compiled = TORCH[device][name]
        form = torch.channels_last if channels_last else torch.contiguous_format
        graph = graph_of(network)
        self.module = convert.torch_module(graph, torch.float32).train()
        # The converter's weights are buffers, because it was made to run networks only.
        for name, tensor in list(self.module.named_buffers()):
            delattr(self.module, name)
            self.module.register_parameter(name, torch.nn.Parameter(tensor))
        self.module = self.module.to(device).to(memory_format=form)
        low = patch // graph.scale

        def picture(kind, side):
            x = np.fromfile(folder / f"{kind}-{batch}x{side}.raw", np.float32).reshape(batch, side, side, 3)
            x = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))).to(memory_format=form)
            return x.pin_memory() if device == "cuda" else x

        self.input, self.target = picture("input", low), picture("target", patch)
        self.optimizer = torch.optim.Adam(self.module.parameters(), lr=RATE, fused=device == "cuda")
        self.loss = torch.compile(self.loss_of) if compiled else self.loss_of

    def loss_of(self, x, y):
        with self.torch.autocast(self.device, dtype=self.torch.bfloat16, enabled=self.amp):
            made = self.module(x)
        return self.torch.nn.functional.l1_loss(made.float(), y)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        x, y = (t.to(self.device, non_blocking=True) for t in (self.input, self.target))
        loss = self.loss(x, y)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def serve(arguments):
    """PyTorch's process: answers "run N" as step.c does."""
    name, network, folder, device, batch, patch, threads = arguments
    step = TorchStep(name, network, pathlib.Path(folder), device, int(batch), int(patch), int(threads))
    print("ready {}", flush=True)
    for line in sys.stdin:
        n = int(line.split()[1])
        begin = time.perf_counter()
        for _ in range(n):
            loss = step.run()
        print("ms", (time.perf_counter() - begin) * 1000 / n, loss, flush=True)


class Trainer(turns.Worker):
    """An engine that trains one network on one batch; `loss` is that of its last step."""

    def __init__(self, name, network, folder, options):
        batch, patch = options.batch, options.patch
        if name in OWN[options.device]:
            family, features, blocks = NETWORKS[network]
            low = patch // graph_of(network).scale
            command = [options.own, str(recipe()),
                       str(folder / f"input-{batch}x{low}.raw"), str(folder / f"target-{batch}x{patch}.raw"),
                       OWN[options.device][name], str(options.threads), f"network.family={family}",
                       f"network.features={features}",
                       f"network.blocks={blocks}", f"network.start={folder / network}.safetensors",
                       f"data.batch={batch}", f"data.patch={patch}", f"optimizer.rate={RATE}"]
        else:
            command = [sys.executable, str(turns.TOP / "tests/bench/training.py"), "--serve", name, network,
                       str(folder), options.device, str(batch), str(patch), str(options.threads)]
        super().__init__(name, command, folder / f"{name.replace(' ', '-')}.log")
        self.loss = None

    def run(self, n_steps):
        """Takes steps; returns milliseconds for each."""
        ms, loss = self.ask(f"run {n_steps}", "ms").split()
        self.loss = float(loss)
        return float(ms)


def prepare(network, folder, options):
    """Writes weights and batch."""
    graph = graph_of(network)
    networks.write_safetensors(folder / f"{network}.safetensors", graph.weights)
    random = np.random.default_rng(options.patch)
    for kind, side in (("input", options.patch // graph.scale), ("target", options.patch)):
        x = random.random((options.batch, side, side, 3), dtype=np.float32)
        x.tofile(folder / f"{kind}-{options.batch}x{side}.raw")


def measure(network, folder, options):
    prepare(network, folder, options)
    workers = []
    for name in (*OWN[options.device], *TORCH[options.device]):
        try:
            worker = Trainer(name, network, folder, options)
            worker.run(max(2, options.steps))  # memory, packed weights, compilation
        except RuntimeError as problem:  # another engine's trouble does not end the table
            if name in OWN[options.device]:
                raise
            print(f"\n{problem}", file=sys.stderr)
            continue
        workers.append(worker)
        time.sleep(turns.PAUSE_S)
    turns.take(workers, options.rounds, network, lambda worker: worker.run(options.steps))
    for worker in workers:
        worker.close()
    return workers


def ratios(worker, own):
    """How many times as long as ours a step took, in each round."""
    return [a / b for a, b in zip(worker.times, own.times)]


def told(r):
    return f"{statistics.median(r):.2f} [{min(r):.2f} .. {max(r):.2f}]"


def table(network, workers, options):
    """Prints one network; returns whether the losses agree."""
    own = workers[0]
    print(f"\n### {network} x4, batch {options.batch}, patches of {options.patch} pixels "
          f"({own.ready['gflop']:.1f} GFLOP a step)\n")
    print(f"| engine | median ms (best) | GFLOP/s | times {own.name} [least .. most] | loss in the end |")
    print("| --- | --- | --- | --- | --- |")
    agree = True
    for worker in workers:
        median = statistics.median(worker.times)
        agree = agree and abs(worker.loss / own.loss - 1) < options.tolerance
        print(f"| {worker.name} | {median:.1f} ({min(worker.times):.1f}) | {own.ready['gflop'] / median * 1000:.0f} "
              f"| {'-' if worker is own else told(ratios(worker, own))} | {worker.loss:.6f} |")
        if options.results:
            with open(options.results, "a", encoding="utf-8") as results:
                row = {"training": network, "engine": worker.name, "ms": median, "batch": options.batch,
                       "patch": options.patch, "times_own": statistics.median(ratios(worker, own)),
                       "gflop": own.ready["gflop"], "loss": worker.loss}
                results.write(json.dumps(row) + "\n")
    peers = [w for w in workers if w.name in TORCH[options.device]]
    if peers:  # the best one, as a user would choose it
        best = min(peers, key=lambda w: statistics.median(w.times))
        print(f"\nAgainst PyTorch's best ({best.name}): {told(ratios(best, own))} times as fast.")
    if not agree:
        print(f"The losses do not agree within {options.tolerance:g}: these are different trainings.")
    return agree


def arguments():
    parser = argparse.ArgumentParser(prog="training", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=["srvgg-64-16"])
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--patch", type=int, default=192, help="side of the target, pixels")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=3, help="in a turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", choices=list(OWN), default="cpu")
    parser.add_argument("--tolerance", type=float,
                        help="of the last losses, relative; 1e-4, with bfloat16 2e-2")
    parser.add_argument("--own", help="driver of our trainer to use instead of building it")
    parser.add_argument("--folder", type=pathlib.Path, default=turns.BUILD / "training",
                        help="for weights and batches")
    parser.add_argument("--results", help="append a JSON object for each row to this file")
    options = parser.parse_args()
    if options.tolerance is None:
        options.tolerance = 1e-4 if options.device == "cpu" else 2e-2
    return options


def main():
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2:])
        return 0
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    if not options.own:
        options.own = turns.build("step")
    about = turns.machine()
    where = f"{options.threads} threads, float32" if options.device == "cpu" else "on its GPU"
    print(f"{about['cpu']}, {about['cores']} cores, {where}, {options.rounds} rounds of {options.steps} steps in "
          f"turns; torch {about['versions']['torch']}.")
    agree = True
    for network in options.networks:
        agree = table(network, measure(network, options.folder, options), options) and agree
        sys.stdout.flush()
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
