# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes a Graph of networks.py in the formats of the other engines: ONNX, ncnn, MNN; and as a torch module."""
import copy
import os
import struct
import subprocess
import sys

import numpy as np

import networks


def write_onnx(graph, path, height, width):
    """Writes ONNX with the operators that PyTorch's exporter would choose, for one picture size."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    nodes, constants = [], []

    def constant(name, array):
        constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def emit(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=f"{op}_{output}", **attributes))

    for i, (op, inputs, a) in enumerate(graph.nodes):
        out = f"v{i}" if i + 1 < len(graph.nodes) else "output"
        args = [f"v{j}" for j in inputs]
        if op == "input":
            continue
        if op in ("conv", "conv_transpose"):
            name = a["name"]
            pads = [a["pad"]] * 4
            if a.get("mirrored"):
                emit("Pad", [args[0], constant(f"pads{i}", np.int64([0, 0, *pads[:2], 0, 0, *pads[2:]]))], f"s{i}",
                     mode="reflect")
                args, pads = [f"s{i}"], [0] * 4
            tensors = [constant(name + s, graph.weights[name + s]) for s in (".weight", ".bias")
                       if name + s in graph.weights]
            about = {"kernel_shape": [a["kernel"]] * 2, "pads": pads, "strides": [a["stride"]] * 2,
                     "dilations": [1, 1], "group": 1}
            if op == "conv":
                emit("Conv", args + tensors, out, **about)
            else:
                emit("ConvTranspose", args + tensors, out, output_padding=[a["output_pad"]] * 2, **about)
        elif op == "batch_norm":
            tensors = [constant(f"{a['name']}.{s}", graph.weights[f"{a['name']}.{s}"])
                       for s in ("weight", "bias", "running_mean", "running_var")]
            emit("BatchNormalization", args + tensors, out, epsilon=networks.EPSILON)
        elif op == "instance_norm":
            tensors = [constant(f"{part}{i}", array) for part, array in zip(("weight", "bias"), affine(graph, i))]
            emit("InstanceNormalization", args + tensors, out, epsilon=networks.EPSILON)
        elif op == "prelu":
            slope = graph.weights[a["name"] + ".weight"].reshape(-1, 1, 1)
            emit("PRelu", args + [constant(f"slope{i}", slope)], out)
        elif op == "lrelu" and a["slope"] == 0:
            emit("Relu", args, out)
        elif op == "lrelu":
            emit("LeakyRelu", args, out, alpha=a["slope"])
        elif op == "silu":
            emit("Sigmoid", args, f"s{i}")
            emit("Mul", args + [f"s{i}"], out)
        elif op in ("sigmoid", "tanh"):
            emit(op.capitalize(), args, out)
        elif op in ("add", "mul"):
            emit(op.capitalize(), args, out)
        elif op == "scaled_add":
            emit("Mul", [args[0], constant(f"factor{i}", np.float32(a["factor"]))], f"s{i}")
            emit("Add", [f"s{i}", args[1]], out)
        elif op == "affine":
            x = args[0]
            if np.any(a["factor"] != 1):
                emit("Mul", [x, constant(f"factor{i}", a["factor"].reshape(1, -1, 1, 1))], f"s{i}")
                x = f"s{i}"
            emit("Add", [x, constant(f"offset{i}", a["offset"].reshape(1, -1, 1, 1))], out)
        elif op == "concat":
            emit("Concat", args, out, axis=1)
        elif op == "nearest":
            scales = constant(f"scales{i}", np.float32([1, 1, a["factor"], a["factor"]]))
            emit("Resize", [args[0], "", scales], out, mode="nearest", nearest_mode="floor",
                 coordinate_transformation_mode="asymmetric")
        elif op == "shuffle":
            emit("DepthToSpace", args, out, blocksize=a["factor"], mode="CRD")
        elif op == "unshuffle":
            f, n = a["factor"], graph.channels(inputs[0])
            h, w = graph.side(i, height), graph.side(i, width)
            emit("Reshape", [args[0], constant(f"split{i}", np.int64([1, n, h, f, w, f]))], f"s{i}")
            emit("Transpose", [f"s{i}"], f"t{i}", perm=[0, 1, 3, 5, 2, 4])
            emit("Reshape", [f"t{i}", constant(f"join{i}", np.int64([1, n * f * f, h, w]))], out)
        elif op == "plane":
            shape = (1, 1, graph.side(i, height), graph.side(i, width))
            constant(out, np.full(shape, a["value"], np.float32))
        else:
            raise ValueError(op)
    s = graph.scale
    model = helper.make_model(
        helper.make_graph(
            nodes, graph.name,
            [helper.make_tensor_value_info("v0", TensorProto.FLOAT, [1, 3, height, width])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 3, s * height, s * width])],
            constants),
        opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    checker.check_model(model)
    save(model, path)


def affine(graph, i):
    """Weight and bias of an instance norm; ones and zeros where it has none."""
    name, n = graph.nodes[i][2]["name"], graph.channels(i)
    if name is None:
        return np.ones(n, np.float32), np.zeros(n, np.float32)
    return graph.weights[name + ".weight"], graph.weights[name + ".bias"]


def without_batch_norms(graph):
    """Returns the network with each batch norm put into the convolution before it."""
    folded = copy.copy(graph)
    folded.nodes, folded.weights = [], dict(graph.weights)
    new = {}
    for i, (op, inputs, a) in enumerate(graph.nodes):
        if op == "batch_norm":
            new[i] = new[inputs[0]]
            conv = graph.nodes[inputs[0]]
            name, norm = conv[2]["name"], a["name"]
            gain = graph.weights[norm + ".weight"] / np.sqrt(graph.weights[norm + ".running_var"] + networks.EPSILON)
            shape = (1, -1, 1, 1) if conv[0] == "conv_transpose" else (-1, 1, 1, 1)
            folded.weights[name + ".weight"] = graph.weights[name + ".weight"] * gain.reshape(shape)
            offset = graph.weights.get(name + ".bias", 0) - graph.weights[norm + ".running_mean"]
            folded.weights[name + ".bias"] = graph.weights[norm + ".bias"] + offset * gain
        else:
            new[i] = len(folded.nodes)
            folded.nodes.append((op, tuple(new[j] for j in inputs), a))
    return folded


def write_ncnn(graph, path, height, width):
    """Writes path.param and path.bin, with batch norms and activations fused into convolutions as ncnn's optimiser
    does."""
    graph = without_batch_norms(graph)
    uses = {}
    for op, inputs, _ in graph.nodes:
        for j in inputs:
            uses[j] = uses.get(j, 0) + 1
        if op == "plane":
            uses[inputs[0]] -= 1  # a constant there
    fused = {}  # convolution -> the leaky ReLU that it takes over
    for i, (op, inputs, _) in enumerate(graph.nodes):
        if op == "lrelu" and graph.nodes[inputs[0]][0] in ("conv", "conv_transpose") and uses[inputs[0]] == 1:
            fused[inputs[0]] = i
    lines, blobs, taken = [], [0], {}

    def floats(array):
        binary.write(np.ascontiguousarray(array, "<f4").tobytes())

    def layer(kind, inputs, outputs, parameters=""):
        blobs[0] += len(outputs)
        lines.append(" ".join(f"{kind} l{len(lines)} {len(inputs)} {len(outputs)} "
                              f"{' '.join(inputs + outputs)} {parameters}".split()))

    def produced(i):
        """A blob has one reader in ncnn; a value with more is split."""
        if uses.get(i, 0) > 1:
            layer("Split", [f"v{i}"], [f"v{i}_{k}" for k in range(uses[i])])

    def read(i):
        if uses[i] == 1:
            return f"v{i}"
        taken[i] = taken.get(i, -1) + 1
        return f"v{i}_{taken[i]}"

    with open(path + ".bin", "wb") as binary:
        for i, (op, inputs, a) in enumerate(graph.nodes):
            if op == "lrelu" and fused.get(inputs[0]) == i:
                continue
            args, out, target = [read(j) for j in inputs if op != "plane"], f"v{i}", i
            if op == "input":
                layer("Input", [], [out])
            elif op == "plane":
                h, w = graph.side(i, height), graph.side(i, width)
                layer("MemoryData", [], [out], f"0={w} 1={h} 2=1")
                floats(np.full((h, w), a["value"]))
            elif op in ("conv", "conv_transpose"):
                weight, bias = (graph.weights.get(a["name"] + s) for s in (".weight", ".bias"))
                pad = a["pad"]
                if a.get("mirrored"):
                    layer("Padding", args, [f"p{i}"], f"0={pad} 1={pad} 2={pad} 3={pad} 4=2")
                    args, pad = [f"p{i}"], 0
                activation = ""
                if i in fused:
                    target = fused[i]
                    out = f"v{target}"
                    slope = graph.nodes[target][2]["slope"]
                    activation = f"9=2 -23310=1,{slope}" if slope else "9=1"
                about = (f"0={a['channels']} 1={a['kernel']} 3={a['stride']} 4={pad} 5={int(bias is not None)} "
                         f"6={weight.size} {activation}")
                if op == "conv":
                    layer("Convolution", args, [out], about)
                else:
                    weight = weight.swapaxes(0, 1)
                    layer("Deconvolution", args, [out], f"{about} 18={a['output_pad']}")
                binary.write(struct.pack("<I", 0))  # what follows is float32
                floats(weight)
                if bias is not None:
                    floats(bias)
            elif op == "instance_norm":
                layer("InstanceNorm", args, [out], f"0={graph.channels(i)} 1={networks.EPSILON} 2=1")
                for array in affine(graph, i):
                    floats(array)
            elif op == "prelu":
                slope = graph.weights[a["name"] + ".weight"]
                layer("PReLU", args, [out], f"0={slope.size}")
                floats(slope)
            elif op == "lrelu":
                layer("ReLU", args, [out], f"0={a['slope']}")
            elif op == "silu":
                layer("Swish", args, [out])
            elif op in ("sigmoid", "tanh"):
                layer({"sigmoid": "Sigmoid", "tanh": "TanH"}[op], args, [out])
            elif op in ("add", "mul"):
                layer("BinaryOp", args, [out], f"0={'add mul'.split().index(op) * 2}")
            elif op == "scaled_add":
                layer("Eltwise", args, [out], f"0=1 -23301=2,{a['factor']},1.0")
            elif op == "affine":
                layer("Scale", args, [out], f"0={a['factor'].size} 1=1")
                floats(a["factor"])
                floats(a["offset"])
            elif op == "concat":
                layer("Concat", args, [out], "0=0")
            elif op == "nearest":
                layer("Interp", args, [out], f"0=1 1={a['factor']}.0 2={a['factor']}.0")
            elif op == "shuffle":
                layer("PixelShuffle", args, [out], f"0={a['factor']}")
            elif op == "unshuffle":
                layer("Reorg", args, [out], f"0={a['factor']}")
            else:
                raise ValueError(op)
            produced(target)
    with open(path + ".param", "w", encoding="ascii") as text:
        text.write(f"7767517\n{len(lines)} {blobs[0]}\n" + "\n".join(lines) + "\n")


def write_mnn(onnx_path, path):
    """Converts ONNX with the converter of the MNN package."""
    tool = os.path.join(os.path.dirname(sys.executable), "mnnconvert")
    done = subprocess.run([tool, "-f", "ONNX", "--modelFile", onnx_path, "--MNNModel", path, "--bizCode", "bench"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode or not os.path.exists(path):
        raise RuntimeError(f"mnnconvert: {done.stdout[-2000:]}")


def torch_module(graph, dtype=None):
    """Returns the network as a torch module over NCHW."""
    import torch
    from torch.nn import functional as F

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name, tensor in graph.weights.items():
                self.register_buffer(name.replace(".", "_"), torch.from_numpy(tensor.copy()).to(dtype))
            for i, (op, _, a) in enumerate(graph.nodes):
                if op == "affine":
                    for key in ("factor", "offset"):
                        self.register_buffer(f"{key}{i}", torch.from_numpy(a[key]).to(dtype).reshape(1, -1, 1, 1))

        def of(self, name, *parts):
            """Tensors of a layer; None for those that it has not."""
            return [getattr(self, f"{name}.{part}".replace(".", "_"), None) for part in parts]

        def forward(self, x):
            values = {}
            for i, (op, inputs, a) in enumerate(graph.nodes):
                args = [values[j] for j in inputs]
                if op == "input":
                    y = x
                elif op == "conv":
                    y, pad = args[0], a["pad"]
                    if a["mirrored"]:
                        y, pad = F.pad(y, [pad] * 4, "reflect"), 0
                    y = F.conv2d(y, *self.of(a["name"], "weight", "bias"), a["stride"], pad)
                elif op == "conv_transpose":
                    y = F.conv_transpose2d(args[0], *self.of(a["name"], "weight", "bias"), a["stride"], a["pad"],
                                           a["output_pad"])
                elif op == "batch_norm":
                    mean, variance, *tensors = self.of(a["name"], "running_mean", "running_var", "weight", "bias")
                    y = F.batch_norm(args[0], mean, variance, *tensors, eps=networks.EPSILON)
                elif op == "instance_norm":
                    tensors = self.of(a["name"], "weight", "bias") if a["name"] else (None, None)
                    y = F.instance_norm(args[0], None, None, *tensors, eps=networks.EPSILON)
                elif op == "prelu":
                    y = F.prelu(args[0], *self.of(a["name"], "weight"))
                elif op == "lrelu":
                    y = F.leaky_relu(args[0], a["slope"]) if a["slope"] else F.relu(args[0])
                elif op == "silu":
                    y = F.silu(args[0])
                elif op == "sigmoid":
                    y = torch.sigmoid(args[0])
                elif op == "tanh":
                    y = torch.tanh(args[0])
                elif op == "add":
                    y = args[0] + args[1]
                elif op == "mul":
                    y = args[0] * args[1]
                elif op == "scaled_add":
                    y = args[0] * a["factor"] + args[1]
                elif op == "affine":
                    y = args[0] * getattr(self, f"factor{i}") + getattr(self, f"offset{i}")
                elif op == "concat":
                    y = torch.cat(args, 1)
                elif op == "nearest":
                    y = F.interpolate(args[0], scale_factor=a["factor"], mode="nearest")
                elif op == "shuffle":
                    y = F.pixel_shuffle(args[0], a["factor"])
                elif op == "unshuffle":
                    y = F.pixel_unshuffle(args[0], a["factor"])
                elif op == "plane":
                    like = args[0]
                    y = like.new_full((like.shape[0], 1, *like.shape[2:]), a["value"])
                else:
                    raise ValueError(op)
                values[i] = y
                for j in set(inputs):
                    if last_use[j] == i:
                        del values[j]
            return values[len(graph.nodes) - 1]

    last_use = {}
    for i, (_, inputs, _) in enumerate(graph.nodes):
        for j in inputs:
            last_use[j] = i
    return Network().eval()
