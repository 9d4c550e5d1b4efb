#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Networks with random weights for benchmarks, described once and written for every engine.

Usage: networks.py NETWORK FILE.safetensors      writes the weights under the authors' names
       networks.py --list
"""
import json
import struct
import sys
import zlib

import numpy as np

MEAN = (0.4488, 0.4371, 0.4040)  # RGB mean of DIV2K, as in EDSR


class Graph:
    """A network as a list of nodes in execution order; a value is the index of the node that makes it."""

    def __init__(self, name, scale):
        self.name, self.scale = name, scale
        self.nodes = [("input", (), {"channels": 3})]
        self.weights = {}
        self.random = np.random.default_rng(zlib.crc32(name.encode()))

    def add_node(self, op, inputs, **attributes):
        self.nodes.append((op, tuple(inputs), attributes))
        return len(self.nodes) - 1

    def channels(self, value):
        """Channels of a value."""
        op, inputs, attributes = self.nodes[value]
        if op in ("conv", "input"):
            return attributes["channels"]
        if op == "concat":
            return sum(self.channels(i) for i in inputs)
        if op == "shuffle":
            return self.channels(inputs[0]) // attributes["factor"] ** 2
        return self.channels(inputs[0])

    def conv(self, name, x, channels, kernel=3, gain=1.0, bias=0.0):
        fan_in = self.channels(x) * kernel * kernel
        shape = (channels, self.channels(x), kernel, kernel)
        weight = self.random.standard_normal(shape) * (gain * (2 / fan_in) ** 0.5)
        self.weights[name + ".weight"] = weight.astype(np.float32)
        self.weights[name + ".bias"] = (bias + 0.02 * self.random.standard_normal(channels)).astype(np.float32)
        return self.add_node("conv", [x], channels=channels, kernel=kernel, name=name)

    def prelu(self, name, x):
        self.weights[name + ".weight"] = self.random.uniform(0.05, 0.35, self.channels(x)).astype(np.float32)
        return self.add_node("prelu", [x], name=name)

    def lrelu(self, x, slope=0.2):
        return self.add_node("lrelu", [x], slope=slope)

    def relu(self, x):
        return self.add_node("lrelu", [x], slope=0.0)

    def silu(self, x):
        return self.add_node("silu", [x])

    def sigmoid(self, x):
        return self.add_node("sigmoid", [x])

    def add(self, x, y):
        return self.add_node("add", [x, y])

    def mul(self, x, y):
        return self.add_node("mul", [x, y])

    def scaled_add(self, x, factor, y):
        """factor * x + y"""
        return self.add_node("scaled_add", [x, y], factor=factor)

    def affine(self, x, factor, offset):
        """factor * x + offset, with one number a channel each."""
        n = self.channels(x)
        return self.add_node("affine", [x], factor=np.broadcast_to(np.float32(factor), n).copy(),
                             offset=np.broadcast_to(np.float32(offset), n).copy())

    def concat(self, *values):
        return self.add_node("concat", values)

    def nearest(self, x, factor):
        return self.add_node("nearest", [x], factor=factor)

    def shuffle(self, x, factor):
        return self.add_node("shuffle", [x], factor=factor)


def srvgg(features, convolutions, scale=4):
    """SRVGGNetCompact with PReLU (Real-ESRGAN)."""
    g = Graph(f"srvgg-{features}-{convolutions}", scale)
    x = g.conv("body.0", 0, features)
    x = g.prelu("body.1", x)
    for i in range(convolutions):
        x = g.conv(f"body.{2 * i + 2}", x, features)
        x = g.prelu(f"body.{2 * i + 3}", x)
    x = g.conv(f"body.{2 * convolutions + 2}", x, 3 * scale * scale, gain=0.1)
    g.add(g.shuffle(x, scale), g.nearest(0, scale))
    return g


def rrdb(blocks, features=64, growth=32):
    """RRDBNet x4 under BasicSR's names (ESRGAN, Real-ESRGAN)."""
    g = Graph(f"rrdb-{blocks}", 4)

    def dense_block(name, x):
        values = [x]
        for k in range(1, 5):
            y = g.conv(f"{name}.conv{k}", g.concat(*values) if k > 1 else x, growth, gain=0.4)
            values.append(g.lrelu(y))
        y = g.conv(f"{name}.conv5", g.concat(*values), features, gain=0.4)
        return g.scaled_add(y, 0.2, x)

    first = x = g.conv("conv_first", 0, features)
    for i in range(blocks):
        y = x
        for j in range(1, 4):
            y = dense_block(f"body.{i}.rdb{j}", y)
        x = g.scaled_add(y, 0.2, x)
    x = g.add(first, g.conv("conv_body", x, features, gain=0.4))
    for name in ("conv_up1", "conv_up2"):
        x = g.lrelu(g.conv(name, g.nearest(x, 2), features))
    x = g.lrelu(g.conv("conv_hr", x, features))
    g.conv("conv_last", x, 3, gain=0.01, bias=0.5)
    return g


def span(features, scale=4):
    """SPAN as it is deployed: re-parameterised convolutions, no normalisation."""
    g = Graph(f"span-{features}", scale)
    g.weights["no_norm"] = np.zeros(1, np.float32)
    first = x = g.conv("conv_1.eval_conv", 0, features)
    outputs, inner = [], None
    for i in range(1, 7):
        inner = g.silu(g.conv(f"block_{i}.c1_r.eval_conv", x, features))
        y = g.silu(g.conv(f"block_{i}.c2_r.eval_conv", inner, features))
        y = g.conv(f"block_{i}.c3_r.eval_conv", y, features)
        attention = g.affine(g.sigmoid(y), 1, -0.5)
        x = g.mul(g.add(y, x), attention)
        outputs.append(x)
    last = g.conv("conv_2.eval_conv", x, features)
    x = g.conv("conv_cat", g.concat(first, last, outputs[0], inner), features, kernel=1)
    x = g.conv("upsampler.0", x, 3 * scale * scale, gain=0.2, bias=0.5)
    g.shuffle(x, scale)
    return g


def edsr(features, blocks):
    """EDSR x4 under BasicSR's names, residual scale 1."""
    g = Graph("edsr-m", 4)
    mean = np.float32(MEAN)
    first = x = g.conv("conv_first", g.affine(0, 255, -255 * mean), features)
    for i in range(blocks):
        y = g.relu(g.conv(f"body.{i}.conv1", x, features))
        x = g.add(g.conv(f"body.{i}.conv2", y, features, gain=0.2), x)
    x = g.add(g.conv("conv_after_body", x, features, gain=0.3), first)
    for name in ("upsample.0", "upsample.2"):
        x = g.shuffle(g.conv(name, x, 4 * features, gain=0.7), 2)
    x = g.conv("conv_last", x, 3, gain=0.3)
    g.affine(x, 1 / 255, mean)
    return g


NETWORKS = {
    "srvgg-64-16": lambda: srvgg(64, 16),
    "srvgg-64-32": lambda: srvgg(64, 32),
    "rrdb-23": lambda: rrdb(23),
    "span-48": lambda: span(48),
    "edsr-m": lambda: edsr(64, 16),
}


def flops(graph):
    """Operations per input pixel, 2 per multiplication and addition of the direct formula."""
    area, total = {}, 0.0
    for i, (op, inputs, attributes) in enumerate(graph.nodes):
        area[i] = area[inputs[0]] if inputs else 1
        if op in ("nearest", "shuffle"):
            area[i] *= attributes["factor"] ** 2
        if op == "conv":
            total += 2 * area[i] * graph.weights[attributes["name"] + ".weight"].size
    return total


def write_safetensors(path, weights):
    """Writes float32 tensors."""
    header, offset = {}, 0
    for name, tensor in weights.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in weights.values():
            file.write(tensor.astype("<f4").tobytes())


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(NETWORKS))
    elif len(sys.argv) == 3 and sys.argv[1] in NETWORKS:
        write_safetensors(sys.argv[2], NETWORKS[sys.argv[1]]().weights)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
