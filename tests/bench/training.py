# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times training steps of gimp-gan and of PyTorch on the same network, in turns, and prints a Markdown table.

A step is what a training does with a batch that lies in memory: the network forward, the loss L1, all gradients, and
Adam. Everybody begins with the same weights and the same batch, in float32, on the same number of threads, and takes
turns of a few steps; ratios are taken within a round. PyTorch runs in both memory formats. In the end all must have
come to the same loss.
"""
import argparse
import pathlib
import statistics
import sys
import time

import numpy as np

import convert
import networks
import turns

OWN = "gimp-gan"
TORCH = {"torch channels-last": True, "torch contiguous": False}
RATE = 1e-4
NETWORKS = {  # the recipe's family and its settings
    "srvgg-64-16": ("srvgg", 64, 16),
    "srvgg-64-8": ("srvgg", 64, 8),
}


def graph_of(network):
    _, features, blocks = NETWORKS[network]
    return networks.srvgg(features, blocks)


class TorchStep:
    """PyTorch's training of the network."""

    def __init__(self, network, folder, batch, patch, threads, channels_last):
        import torch
        torch.set_num_threads(threads)
        self.torch = torch
        form = torch.channels_last if channels_last else torch.contiguous_format
        graph = graph_of(network)
        self.module = convert.torch_module(graph, torch.float32).train()
        # The converter's weights are buffers, because it was made to run networks only.
        for name, tensor in list(self.module.named_buffers()):
            delattr(self.module, name)
            self.module.register_parameter(name, torch.nn.Parameter(tensor))
        self.module = self.module.to(memory_format=form)
        low = patch // graph.scale

        def picture(kind, side):
            x = np.fromfile(folder / f"{kind}-{batch}x{side}.raw", np.float32).reshape(batch, side, side, 3)
            return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))).to(memory_format=form)

        self.input, self.target = picture("input", low), picture("target", patch)
        self.optimizer = torch.optim.Adam(self.module.parameters(), lr=RATE)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.torch.nn.functional.l1_loss(self.module(self.input), self.target)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def serve(arguments):
    """PyTorch's process: answers "run N" as step.c does."""
    name, network, folder, batch, patch, threads = arguments
    step = TorchStep(network, pathlib.Path(folder), int(batch), int(patch), int(threads), TORCH[name])
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
        if name == OWN:
            family, features, blocks = NETWORKS[network]
            low = patch // graph_of(network).scale
            command = [options.own, str(turns.TOP / "weights/recipes/sr-faithful.ini"),
                       str(folder / f"input-{batch}x{low}.raw"), str(folder / f"target-{batch}x{patch}.raw"),
                       "cpu", str(options.threads), f"network.family={family}", f"network.features={features}",
                       f"network.blocks={blocks}", f"network.start={folder / network}.safetensors",
                       f"data.batch={batch}", f"data.patch={patch}", f"optimizer.rate={RATE}"]
        else:
            command = [sys.executable, str(turns.TOP / "tests/bench/training.py"), "--serve", name, network,
                       str(folder), str(batch), str(patch), str(options.threads)]
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
    for name in (OWN, *TORCH):
        workers.append(Trainer(name, network, folder, options))
        workers[-1].run(2)  # memory, packed weights
        time.sleep(turns.PAUSE_S)
    turns.take(workers, options.rounds, network, lambda worker: worker.run(options.steps))
    for worker in workers:
        worker.close()
    return workers


def table(network, workers, options):
    """Prints one network; returns whether the losses agree."""
    own = workers[0]
    print(f"\n### {network} x4, batch {options.batch}, patches of {options.patch} pixels "
          f"({own.ready['gflop']:.1f} GFLOP a step)\n")
    print("| engine | median ms (best) | GFLOP/s | times gimp-gan [least .. most] | loss in the end |")
    print("| --- | --- | --- | --- | --- |")
    agree = True
    for worker in workers:
        median, ratio = statistics.median(worker.times), "-"
        if worker is not own:
            r = [a / b for a, b in zip(worker.times, own.times)]
            ratio = f"{statistics.median(r):.2f} [{min(r):.2f} .. {max(r):.2f}]"
            agree = agree and abs(worker.loss / own.loss - 1) < options.tolerance
        print(f"| {worker.name} | {median:.1f} ({min(worker.times):.1f}) | {own.ready['gflop'] / median * 1000:.0f} "
              f"| {ratio} | {worker.loss:.6f} |")
    # The better memory format, as a user would choose it.
    best = min(workers[1:], key=lambda w: statistics.median(w.times))
    r = [a / b for a, b in zip(best.times, own.times)]
    print(f"\nAgainst PyTorch's better format ({best.name}): {statistics.median(r):.2f} times as fast "
          f"[{min(r):.2f} .. {max(r):.2f}].")
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
    parser.add_argument("--tolerance", type=float, default=1e-4, help="of the last losses, relative")
    parser.add_argument("--own", help="driver of our trainer to use instead of building it")
    return parser.parse_args()


def main():
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2:])
        return 0
    options = arguments()
    folder = turns.BUILD / "training"
    folder.mkdir(parents=True, exist_ok=True)
    if not options.own:
        options.own = turns.build("step")
    about = turns.machine()
    print(f"{about['cpu']}, {about['cores']} cores, {options.threads} threads, float32, {options.rounds} rounds of "
          f"{options.steps} steps in turns; torch {about['versions']['torch']}.")
    agree = True
    for network in options.networks:
        agree = table(network, measure(network, folder, options), options) and agree
        sys.stdout.flush()
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
