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
EPSILON = 1e-5  # of norms


class Graph:
    """A network as a list of nodes in execution order; a value is the index of the node that makes it."""

    def __init__(self, name, scale, black=0.0, white=1.0):
        self.name, self.scale = name, scale
        self.black, self.white = black, white  # of input and output
        self.nodes = [("input", (), {"channels": 3})]
        self.weights = {}
        self.random = np.random.default_rng(zlib.crc32(name.encode()))

    def add_node(self, op, inputs, **attributes):
        self.nodes.append((op, tuple(inputs), attributes))
        return len(self.nodes) - 1

    def channels(self, value):
        """Channels of a value."""
        op, inputs, attributes = self.nodes[value]
        if "channels" in attributes:
            return attributes["channels"]
        if op == "concat":
            return sum(self.channels(i) for i in inputs)
        if op == "shuffle":
            return self.channels(inputs[0]) // attributes["factor"] ** 2
        if op == "unshuffle":
            return self.channels(inputs[0]) * attributes["factor"] ** 2
        return self.channels(inputs[0])

    def side(self, value, side):
        """How many pixels a value has in a direction in which the input has `side`."""
        op, inputs, attributes = self.nodes[value]
        if op == "input":
            return side
        side = self.side(inputs[0], side)
        if op in ("nearest", "shuffle"):
            return side * attributes["factor"]
        if op == "unshuffle":
            return side // attributes["factor"]
        if op == "conv":
            return (side + 2 * attributes["pad"] - attributes["kernel"]) // attributes["stride"] + 1
        if op == "conv_transpose":
            return ((side - 1) * attributes["stride"] + attributes["kernel"] - 2 * attributes["pad"]
                    + attributes["output_pad"])
        return side

    def _numbers(self, shape, deviation, mean=0.0):
        return (mean + deviation * self.random.standard_normal(shape)).astype(np.float32)

    def conv(self, name, x, channels, kernel=3, *, gain=1.0, bias=0.0, stride=1, pad=None, mirrored=False):
        """Of padding kernel // 2 where nothing else is said; bias None: without."""
        fan_in = self.channels(x) * kernel * kernel
        shape = (channels, self.channels(x), kernel, kernel)
        self.weights[name + ".weight"] = self._numbers(shape, gain * (2 / fan_in) ** 0.5)
        if bias is not None:
            self.weights[name + ".bias"] = self._numbers(channels, 0.02, bias)
        return self.add_node("conv", [x], channels=channels, kernel=kernel, name=name, stride=stride,
                             pad=kernel // 2 if pad is None else pad, mirrored=mirrored)

    def conv_transpose(self, name, x, channels, kernel, stride, pad, output_pad=0, *, gain=1.0, bias=0.0):
        fan_in = self.channels(x) * kernel * kernel / stride ** 2
        shape = (self.channels(x), channels, kernel, kernel)
        self.weights[name + ".weight"] = self._numbers(shape, gain * (2 / fan_in) ** 0.5)
        if bias is not None:
            self.weights[name + ".bias"] = self._numbers(channels, 0.02, bias)
        return self.add_node("conv_transpose", [x], channels=channels, kernel=kernel, name=name, stride=stride,
                             pad=pad, output_pad=output_pad)

    def batch_norm(self, name, x):
        n = self.channels(x)
        self.weights[name + ".weight"] = self._numbers(n, 0.02, 1)
        self.weights[name + ".bias"] = self._numbers(n, 0.02)
        self.weights[name + ".running_mean"] = self._numbers(n, 0.05)
        self.weights[name + ".running_var"] = self.random.uniform(0.5, 1.5, n).astype(np.float32)
        return self.add_node("batch_norm", [x], name=name)

    def instance_norm(self, name, x):
        """name None: without weights."""
        if name is not None:
            self.weights[name + ".weight"] = self._numbers(self.channels(x), 0.02, 1)
            self.weights[name + ".bias"] = self._numbers(self.channels(x), 0.02)
        return self.add_node("instance_norm", [x], name=name)

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

    def tanh(self, x):
        return self.add_node("tanh", [x])

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

    def unshuffle(self, x, factor):
        return self.add_node("unshuffle", [x], factor=factor)

    def plane(self, like, value):
        """One channel of one number, of the size of `like`."""
        return self.add_node("plane", [like], channels=1, value=value)


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


def transformernet(features=32, blocks=5):
    """TransformerNet of pytorch/examples, fast neural style: instance norms with weights."""
    g = Graph("transformernet", 1, 0, 255)

    def layer(name, norm, x, channels, kernel=3, stride=1):
        return g.instance_norm(norm, g.conv(f"{name}.conv2d", x, channels, kernel, stride=stride, mirrored=True))

    x = g.relu(layer("conv1", "in1", 0, features, 9))
    x = g.relu(layer("conv2", "in2", x, 2 * features, stride=2))
    x = g.relu(layer("conv3", "in3", x, 4 * features, stride=2))
    for i in range(1, blocks + 1):
        y = g.relu(layer(f"res{i}.conv1", f"res{i}.in1", x, 4 * features))
        x = g.add(layer(f"res{i}.conv2", f"res{i}.in2", y, 4 * features), x)
    x = g.relu(layer("deconv1", "in4", g.nearest(x, 2), 2 * features))
    x = g.relu(layer("deconv2", "in5", g.nearest(x, 2), features))
    g.conv("deconv3.conv2d", x, 3, 9, gain=20, bias=128, mirrored=True)
    return g


def resnetgen(blocks=9, features=64):
    """ResnetGenerator of CycleGAN, instance norms without weights."""
    g = Graph(f"resnetgen-{blocks}", 1, -1, 1)

    def layer(number, x, channels, kernel=3, **how):
        return g.instance_norm(None, g.conv(f"model.{number}", x, channels, kernel, **how))

    x = g.relu(layer(1, 0, features, 7, mirrored=True))
    x = g.relu(layer(4, x, 2 * features, stride=2))
    x = g.relu(layer(7, x, 4 * features, stride=2))
    for i in range(10, 10 + blocks):
        y = g.relu(layer(f"{i}.conv_block.1", x, 4 * features, mirrored=True))
        x = g.add(layer(f"{i}.conv_block.5", y, 4 * features, mirrored=True), x)
    for number, channels in ((blocks + 10, 2 * features), (blocks + 13, features)):
        x = g.relu(g.instance_norm(None, g.conv_transpose(f"model.{number}", x, channels, 3, 2, 1, 1)))
    g.tanh(g.conv(f"model.{blocks + 17}", x, 3, 7, gain=0.3, mirrored=True))
    return g


def unetgen(levels=8, features=64):
    """UnetGenerator of pix2pix, batch norms."""
    g = Graph(f"unetgen-{levels}", 1, -1, 1)

    def block(level, scope, x):
        outermost, innermost = level == 0, level + 1 == levels
        y = g.conv(f"{scope}.{0 if outermost else 1}", x if outermost else g.lrelu(x), features * min(2 ** level, 8),
                   4, bias=None, stride=2, pad=1)
        if not outermost and not innermost:
            y = g.batch_norm(f"{scope}.2", y)
        if not innermost:
            y = block(level + 1, f"{scope}.{1 if outermost else 3}.model", y)
        y = g.relu(y)
        if outermost:
            return g.tanh(g.conv_transpose(f"{scope}.3", y, 3, 4, 2, 1, gain=0.3))
        y = g.conv_transpose(f"{scope}.{3 if innermost else 5}", y, g.channels(x), 4, 2, 1, bias=None)
        return g.concat(x, g.batch_norm(f"{scope}.{4 if innermost else 6}", y))

    block(0, "model.model", 0)
    return g


NOISE = 15 / 255  # what denoisers are told


def drunet(features=64, blocks=4):
    """DRUNet of KAIR for colours, with the plane of noise."""
    g = Graph("drunet", 1)

    def residuals(scope, first, x):
        for i in range(first, first + blocks):
            n = g.channels(x)
            y = g.relu(g.conv(f"{scope}{i}.res.0", x, n, bias=None))
            x = g.add(g.conv(f"{scope}{i}.res.2", y, n, gain=0.2, bias=None), x)
        return x

    x = g.conv("m_head", g.concat(0, g.plane(0, NOISE)), features, bias=None)
    levels = [x]
    for i in range(1, 4):
        x = residuals(f"m_down{i}.", 0, x)
        x = g.conv(f"m_down{i}.{blocks}", x, features * 2 ** i, 2, gain=0.7, bias=None, stride=2, pad=0)
        levels.append(x)
    x = residuals("m_body.", 0, x)
    for i in range(3, 0, -1):
        x = g.conv_transpose(f"m_up{i}.0", g.add(x, levels[i]), features * 2 ** (i - 1), 2, 2, 0, gain=0.5, bias=None)
        x = residuals(f"m_up{i}.", 1, x)
    g.conv("m_tail", g.add(x, levels[0]), 3, gain=0.3, bias=None)
    return g


def ffdnet(features=96, convolutions=12):
    """FFDNet of KAIR for colours."""
    g = Graph("ffdnet", 1)
    x = g.unshuffle(0, 2)
    x = g.relu(g.conv("model.0", g.concat(x, g.plane(x, NOISE)), features))
    for i in range(1, convolutions - 1):
        x = g.relu(g.conv(f"model.{2 * i}", x, features))
    g.shuffle(g.conv(f"model.{2 * convolutions - 2}", x, 12, gain=0.2, bias=0.5), 2)
    return g


NETWORKS = {
    "srvgg-64-16": lambda: srvgg(64, 16),
    "srvgg-64-32": lambda: srvgg(64, 32),
    "rrdb-23": lambda: rrdb(23),
    "span-48": lambda: span(48),
    "edsr-m": lambda: edsr(64, 16),
    "transformernet": transformernet,
    "resnetgen-9": resnetgen,
    "unetgen-8": unetgen,
    "drunet": drunet,
    "ffdnet": ffdnet,
}


def flops(graph, height, width):
    """Operations of a picture, 2 per multiplication and addition of the direct formula."""
    total = 0
    for i, (op, inputs, attributes) in enumerate(graph.nodes):
        if op in ("conv", "conv_transpose"):
            at = i if op == "conv" else inputs[0]  # each weight is used once for every pixel of this value
            pixels = graph.side(at, height) * graph.side(at, width)
            total += 2 * pixels * graph.weights[attributes["name"] + ".weight"].size
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
