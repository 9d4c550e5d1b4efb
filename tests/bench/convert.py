# SPDX-License-Identifier: LGPL-3.0-or-later
"""Writes a Graph of networks.py in the formats of the other engines: ONNX, ncnn, MNN; and as a torch module."""
import os
import struct
import subprocess
import sys

import numpy as np


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
        if op == "conv":
            name = a["name"]
            pad = a["kernel"] // 2
            weights = [constant(name + s, graph.weights[name + s]) for s in (".weight", ".bias")]
            emit("Conv", args + weights, out, kernel_shape=[a["kernel"]] * 2, pads=[pad] * 4,
                 strides=[1, 1], dilations=[1, 1], group=1)
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
        elif op == "sigmoid":
            emit("Sigmoid", args, out)
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


def write_ncnn(graph, path):
    """Writes path.param and path.bin, with activations fused into convolutions as ncnn's optimiser does."""
    uses = {}
    for op, inputs, _ in graph.nodes:
        for j in inputs:
            uses[j] = uses.get(j, 0) + 1
    fused = {}  # convolution -> the leaky ReLU that it takes over
    for i, (op, inputs, _) in enumerate(graph.nodes):
        if op == "lrelu" and graph.nodes[inputs[0]][0] == "conv" and uses[inputs[0]] == 1:
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
            args, out, target = [read(j) for j in inputs], f"v{i}", i
            if op == "input":
                layer("Input", [], [out])
            elif op == "conv":
                weight = graph.weights[a["name"] + ".weight"]
                activation = ""
                if i in fused:
                    target = fused[i]
                    out = f"v{target}"
                    slope = graph.nodes[target][2]["slope"]
                    activation = f"9=2 -23310=1,{slope}" if slope else "9=1"
                layer("Convolution", args, [out], f"0={a['channels']} 1={a['kernel']} 4={a['kernel'] // 2} "
                      f"5=1 6={weight.size} {activation}")
                binary.write(struct.pack("<I", 0))  # what follows is float32
                floats(weight)
                floats(graph.weights[a["name"] + ".bias"])
            elif op == "prelu":
                slope = graph.weights[a["name"] + ".weight"]
                layer("PReLU", args, [out], f"0={slope.size}")
                floats(slope)
            elif op == "lrelu":
                layer("ReLU", args, [out], f"0={a['slope']}")
            elif op == "silu":
                layer("Swish", args, [out])
            elif op == "sigmoid":
                layer("Sigmoid", args, [out])
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

        def forward(self, x):
            values = {}
            for i, (op, inputs, a) in enumerate(graph.nodes):
                args = [values[j] for j in inputs]
                if op == "input":
                    y = x
                elif op == "conv":
                    name = a["name"].replace(".", "_")
                    y = F.conv2d(args[0], getattr(self, name + "_weight"), getattr(self, name + "_bias"),
                                 padding=a["kernel"] // 2)
                elif op == "prelu":
                    y = F.prelu(args[0], getattr(self, a["name"].replace(".", "_") + "_weight"))
                elif op == "lrelu":
                    y = F.leaky_relu(args[0], a["slope"]) if a["slope"] else F.relu(args[0])
                elif op == "silu":
                    y = F.silu(args[0])
                elif op == "sigmoid":
                    y = torch.sigmoid(args[0])
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
