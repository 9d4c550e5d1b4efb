# SPDX-License-Identifier: LGPL-3.0-or-later
"""One engine in one process: answers lines of stdin, so that engines can take turns.

Usage: engines.py ENGINE NETWORK FOLDER HEIGHT WIDTH THREADS
  prints  ready {"load_ms": …, "first_ms": …}   after loading and two runs
  run        prints  ms NUMBER
  save FILE  writes the output as float32, channels last; prints  ok
Every engine is set to float32 and gets its input, and where it can its output, bound before the clock starts.
"""
import json
import os
import sys
import time

import numpy as np

import networks


class OnnxRuntime:
    def __init__(self, base, x, threads, shape):
        import onnxruntime as ort
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = ort.InferenceSession(base + ".onnx", options, providers=["CPUExecutionProvider"])
        self.input = ort.OrtValue.ortvalue_from_numpy(x)
        self.output = ort.OrtValue.ortvalue_from_numpy(np.empty(shape, np.float32))
        self.binding = self.session.io_binding()
        self.binding.bind_ortvalue_input("v0", self.input)
        self.binding.bind_ortvalue_output("output", self.output)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def result(self):
        return self.output.numpy()


class OpenVino:
    def __init__(self, base, x, threads, shape):
        import openvino as ov
        core = ov.Core()
        model = core.read_model(base + ".onnx")
        compiled = core.compile_model(model, "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "f32", "EXECUTION_MODE_HINT": "ACCURACY"})
        self.request = compiled.create_infer_request()
        self.x = x
        self.y = np.empty(shape, np.float32)
        self.request.set_input_tensor(ov.Tensor(self.x, shared_memory=True))
        self.request.set_output_tensor(ov.Tensor(self.y, shared_memory=True))

    def run(self):
        self.request.infer()

    def result(self):
        return self.y


class Ncnn:
    def __init__(self, base, x, threads, shape):
        import ncnn
        self.net = ncnn.Net()
        options = self.net.opt
        options.num_threads = threads
        options.lightmode = True
        options.use_vulkan_compute = False
        options.use_winograd_convolution = True
        options.use_sgemm_convolution = True
        options.use_packing_layout = True
        for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage",
                     "use_int8_inference"):
            setattr(options, name, False)
        if self.net.load_param(base + ".param") or self.net.load_model(base + ".bin"):
            raise RuntimeError("ncnn does not take the network")
        self.output_name = self.net.output_names()[-1]
        self.x = ncnn.Mat(x[0]).clone()
        self.y = None

    def run(self):
        with self.net.create_extractor() as extractor:
            extractor.input("v0", self.x)
            status, self.y = extractor.extract(self.output_name)
        if status:
            raise RuntimeError(f"ncnn: status {status}")

    def result(self):
        return np.array(self.y)[None]


class Mnn:
    precision = "high"

    def __init__(self, base, x, threads, shape):
        import MNN
        self.MNN = MNN
        self.interpreter = MNN.Interpreter(base + ".mnn")
        self.session = self.interpreter.createSession({
            "backend": "CPU", "numThread": threads, "precision": self.precision, "power": "high",
            "memory": "normal"})
        self.input = self.interpreter.getSessionInput(self.session)
        self.x = MNN.Tensor(x.shape, MNN.Halide_Type_Float, x, MNN.Tensor_DimensionType_Caffe)
        self.shape = shape

    def run(self):
        self.input.copyFrom(self.x)  # each time: the session reuses the input's memory
        self.interpreter.runSession(self.session)

    def result(self):
        output = self.interpreter.getSessionOutput(self.session)
        y = np.zeros(self.shape, np.float32)
        host = self.MNN.Tensor(self.shape, self.MNN.Halide_Type_Float, y, self.MNN.Tensor_DimensionType_Caffe)
        output.copyToHostTensor(host)
        return np.array(host.getNumpyData(), copy=True)


class MnnNormal(Mnn):
    precision = "normal"


class Torch:
    channels_last = True

    def __init__(self, base, x, threads, shape):
        import torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.torch = torch
        import convert
        self.format = torch.channels_last if self.channels_last else torch.contiguous_format
        graph = networks.NETWORKS[os.path.basename(base).rsplit("@", 1)[0]]()
        self.module = convert.torch_module(graph, torch.float32).to(memory_format=self.format)
        self.x = torch.from_numpy(x).to(memory_format=self.format)
        self.y = None
        self.prepare()

    def prepare(self):
        pass

    def run(self):
        with self.torch.inference_mode():
            self.y = self.module(self.x)

    def result(self):
        return self.y.contiguous().numpy()


class TorchNchw(Torch):
    channels_last = False


class TorchFrozen(Torch):
    """TorchScript, frozen and optimised for inference: convolutions become oneDNN's with packed weights."""
    channels_last = False

    def prepare(self):
        traced = self.torch.jit.trace(self.module, self.x)
        self.module = self.torch.jit.optimize_for_inference(self.torch.jit.freeze(traced))


class TorchCompiled(Torch):
    """torch.compile with weights frozen: pointwise operations are fused and compiled, convolutions packed."""

    def prepare(self):
        import torch._inductor.config
        torch = self.torch
        torch._inductor.config.freezing = True
        torch._inductor.config.layout_optimization = True
        torch._inductor.config.cpp.threads = torch.get_num_threads()
        self.module = torch.compile(self.module)


ENGINES = {
    "onnxruntime": OnnxRuntime,
    "openvino": OpenVino,
    "ncnn": Ncnn,
    "mnn": Mnn,
    "mnn-normal": MnnNormal,
    "torch": Torch,
    "torch-nchw": TorchNchw,
    "torch-frozen": TorchFrozen,
    "torch-compiled": TorchCompiled,
}
PACKAGES = {"mnn-normal": "mnn", "torch-nchw": "torch", "torch-frozen": "torch", "torch-compiled": "torch"}


def timed(call):
    begin = time.perf_counter()
    result = call()
    return (time.perf_counter() - begin) * 1000, result


def main():
    name, network, folder, height, width, threads = sys.argv[1:]
    height, width, threads = int(height), int(width), int(threads)
    base = os.path.join(folder, f"{network}@{height}x{width}")
    x = np.fromfile(base + ".raw", np.float32)
    x = np.ascontiguousarray(x.reshape(1, height, width, 3).transpose(0, 3, 1, 2))
    scale = networks.NETWORKS[network]().scale
    out = (1, 3, scale * height, scale * width)
    replies = os.fdopen(os.dup(1), "w")  # engines print to stdout; replies must stay clean
    os.dup2(2, 1)
    load_ms, engine = timed(lambda: ENGINES[name](base, x, threads, out))
    first_ms, _ = timed(engine.run)
    engine.run()
    print("ready", json.dumps({"load_ms": load_ms, "first_ms": first_ms}), file=replies, flush=True)
    for line in sys.stdin:
        words = line.split(maxsplit=1)
        if words[0] == "run":
            print("ms", timed(engine.run)[0], file=replies, flush=True)
        elif words[0] == "save":
            y = engine.result().reshape(out[1:])
            np.ascontiguousarray(y.transpose(1, 2, 0), np.float32).tofile(words[1].strip())
            print("ok", file=replies, flush=True)


if __name__ == "__main__":
    main()
