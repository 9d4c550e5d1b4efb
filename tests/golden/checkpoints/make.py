#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
# Makes the files of this folder: one small SRVGGNetCompact, saved in the ways in which training code
# does it. Run with PyTorch, numpy and safetensors: make.py FOLDER. The numbers are the same each time.
import argparse
import collections
import datetime
import functools
import json
import pathlib
import re
import struct
import sys
import types

import numpy
import torch
from safetensors.torch import save_file

out = pathlib.Path(sys.argv[1])


torch.manual_seed(1)


def network(seed):
    g = torch.Generator().manual_seed(seed)
    def new(*shape):
        return (torch.randint(-64, 65, shape, generator=g) / 64).float()
    d = collections.OrderedDict()
    d["body.0.weight"], d["body.0.bias"] = new(2, 3, 3, 3), new(2)
    d["body.1.weight"] = new(2)
    d["body.2.weight"], d["body.2.bias"] = new(2, 2, 3, 3), new(2)
    d["body.3.weight"] = new(2)
    d["body.4.weight"], d["body.4.bias"] = new(12, 2, 3, 3), new(12)
    return d


def critic():
    d = collections.OrderedDict()
    for i, (o, c) in enumerate([(4, 3), (4, 4), (1, 4)]):
        d[f"model.{2 * i}.weight"] = torch.full((o, c, 4, 4), 0.25)
        d[f"model.{2 * i}.bias"] = torch.zeros(o)
    return d


def prefixed(prefix, d):
    return collections.OrderedDict((prefix + k, v) for k, v in d.items())


net, other, third = network(1), network(2), network(3)
plain = dict(net)


def torch_file(name, content, **how):
    torch.save(content, out / name, **how)


def tensors_file(name, content, metadata=None):
    save_file({k: v.contiguous() for k, v in content.items()}, out / name, metadata)


def raw_tensors(name, content, metadata):
    """safetensors with any JSON as its metadata."""
    header, data = {"__metadata__": metadata}, b""
    for k, v in content.items():
        b = v.contiguous().numpy().tobytes()
        names = {torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL"}
        header[k] = {"dtype": names[v.dtype], "shape": list(v.shape), "data_offsets": [len(data), len(data) + len(b)]}
        data += b
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (out / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


tensors_file("plain.safetensors", plain)

# --- what stands beside the weights, and is no weight ---
tensor_with_attribute = torch.nn.Parameter(net["body.0.weight"].clone())
tensor_with_attribute.note = "kept"
beside = {
    "set": {"a", 1}, "frozen": frozenset([2, 3]), "counter": collections.Counter("abca"),
    "ordered": collections.OrderedDict(a=1), "default": collections.defaultdict(list, {"a": [1]}),
    "deque": collections.deque([1, 2, 3], 5), "complex": 1 + 2j, "bytes": b"\xff\x00", "bytearray": bytearray(b"ab"),
    "range": range(3), "slice": slice(1, 2), "size": torch.Size([1, 2]), "device": torch.device("cpu"),
    "dtype": torch.float16, "tuple": (1, (2, [3, {4: 5}])), "none": None,
    "float64": numpy.float64(3.5), "int64": numpy.int64(7), "bool": numpy.bool_(True), "array": numpy.arange(5.0),
    "type": numpy.dtype("float32"), "date": datetime.datetime(2026, 1, 2), "delta": datetime.timedelta(seconds=3),
    "path": pathlib.PurePosixPath("a/b"), "args": argparse.Namespace(lr=1e-4, name="x"),
    "space": types.SimpleNamespace(a=1), "big": 1 << 90,
    "rng": torch.get_rng_state(), "complex_tensor": torch.complex(torch.ones(3), torch.zeros(3)),
    "complex128": torch.zeros(2, dtype=torch.complex128), "uint16": torch.zeros(2, dtype=torch.uint16),
    "uint32": torch.ones(2, dtype=torch.uint32), "sparse": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr(),
    "meta": torch.empty(3, device="meta"), "bools": torch.ones(3, dtype=torch.bool),
}
torch_file("beside.pth", {"params": net, **beside})
torch_file("beside-flat.pth", {**net, "epoch": torch.tensor(3), "done": torch.tensor(True),
                               "spectrum": torch.zeros(4, dtype=torch.complex64), "seen": {1, 2}})
torch_file("beside-protocol5.pth", {"params": net, **beside}, pickle_protocol=5)
legacy = {k: v for k, v in beside.items() if not k.startswith(("uint", "meta", "csr"))}
torch_file("beside.legacy.pth", {"params": net, **legacy}, _use_new_zipfile_serialization=False)
torch_file("attribute.pth", {**net, "body.0.weight": tensor_with_attribute})
torch_file("parameters.pth", {k: torch.nn.Parameter(v) for k, v in net.items()})

# --- float8: every code of every format, and what PyTorch says it is ---
eight, said = {}, {}
for form in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"):
    code = torch.arange(256, dtype=torch.int16).to(torch.uint8).view(getattr(torch, form))
    eight[form], said[form + ".f32"] = code, code.float()
torch_file("f8.pth", {**eight, **said})
tensors_file("f8.safetensors", {**eight, **said})
tensors_file("net-f8.safetensors", {k: (v / 2).to(torch.float8_e4m3fn) for k, v in net.items()})

# --- metadata ---
raw_tensors("metadata-null.safetensors", net, None)
raw_tensors("metadata-values.safetensors", {**net, "epoch": torch.tensor(4), "mask": torch.ones(2, dtype=torch.bool)},
            {"epoch": 12, "rate": 1.5e-4, "ema": True, "nothing": None, "licence": "CC0-1.0",
             "history": [1, [2, {"a": "}]"}], []], "options": {"a": {"b": []}, "c": {}}})

# --- networks in dicts of training code: which one is taken, "net" is that of plain.safetensors ---
state = {"state": {0: {"step": torch.tensor(7.0), "exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 1e-4, "params": [0]}]}
torch_file("gan.pth", {"net_d": critic(), "net_g": net, "optimizer_g": state, "epoch": 3})
torch_file("gan-average.pth", {"netD": critic(), "netG": other, "netG_ema": net, "iter": 1000})
torch_file("two-ways.pth", {"genA2B": net, "genB2A": other, "disGA": critic(), "disLB": critic()})
torch_file("average.pth", {"state_dict": other, "state_dict_ema": net, "arch": "compact", "epoch": 2})
# mmcv's and MMEngine's hooks trade what is trained for its average when they save.
torch_file("mmcv-average.pth", {"meta": {"epoch": 3}, "optimizer": state, "state_dict": {
    **net, **{"ema_" + k.replace(".", "_"): v for k, v in other.items()}}})
both = {**prefixed("generator.", net), **prefixed("discriminator.", critic()), "step_counter": torch.tensor(1)}
torch_file("mmcv-gan.pth", {"meta": {"epoch": 3}, "state_dict": {
    **{"ema_" + k.replace(".", "_"): v * 0.5 for k, v in both.items()}, **both}})
torch_file("mmengine-average.pth", {"meta": {"epoch": 3}, "message_hub": {}, "state_dict": prefixed("generator.", net),
                                    "ema_state_dict": {"steps": torch.tensor(7), **prefixed("module.generator.", other)}})
torch_file("averaged-model.pth", {"n_averaged": torch.tensor(5), **prefixed("module.", net)})
torch_file("lightning.ckpt", {
    "epoch": 1, "global_step": 10, "pytorch-lightning_version": "2.4.0",
    "state_dict": {**prefixed("discriminator.", critic()), **prefixed("generator._orig_mod.", net),
                   "loss.vgg.features.0.weight": torch.ones(4, 3, 3, 3), "psnr.total": torch.tensor(0.0)},
    "optimizer_states": [state], "lr_schedulers": [], "hyper_parameters": argparse.Namespace(lr=1e-4)})
torch_file("deep.pth", {"checkpoint": {"models": [{"D": critic()}, {"G_ema": prefixed("module.model.", net),
                                                                  "G": prefixed("module.model.", other)}]},
                        "rng": torch.get_rng_state()})
torch_file("unknown-word.pth", {"my_enlarger": prefixed("_orig_mod.module.", net), "optim": state})
torch_file("extra-state.pth", {**net, "_extra_state": torch.ones(3), "body.0._extra_state": torch.zeros(2),
                               "total_ops": torch.zeros(1, dtype=torch.float64),
                               "body.2.total_params": torch.zeros(1, dtype=torch.float64), "step": torch.tensor(3.0)})
torch_file("critic.pth", {"net_d": critic(), "optimizer_d": state})
torch_file("state.pth", {"epoch": 1, "iter": 2, "optimizers": [state], "schedulers": []})
torch_file("in-a-list.pth", [7, {"optimizer": state}, net])
torch_file("by-number.pth", {0: net, 1: critic(), "epoch": 3})
torch_file("online.pth", {"model": other, "ema": {"initted": torch.tensor(True), "step": torch.tensor(3),
                                                 **prefixed("online_model.", third), **prefixed("ema_model.", net)}})

# --- settings of other libraries, numbers that are quantized ---


def library(path, *classes):
    """A module that has these classes, which are saved by name."""
    parts = path.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    for name in classes:
        setattr(sys.modules[path], name, type(name, (), {"__module__": path}))
    return sys.modules[path]


def with_state(cls, **state):
    thing = cls()
    thing.__dict__.update(state)
    return thing


history = library("mmengine.logging.history_buffer", "HistoryBuffer").HistoryBuffer
history.mean = lambda self: 0
history.mean.__module__, history.mean.__qualname__ = history.__module__, "HistoryBuffer.mean"
config = library("omegaconf.dictconfig", "DictConfig").DictConfig
node = library("omegaconf.nodes", "AnyNode").AnyNode
torch_file("settings.pth", {
    "message_hub": {"log_scalars": {"loss": with_state(history, _log_history=numpy.zeros(3), _statistics_methods={
        "mean": history.mean})}},
    "hyper_parameters": with_state(config, _content={"lr": with_state(node, _val=1e-4)}),
    "optimizer": functools.partial(torch.optim.Adam, lr=1e-4), "activation": torch.tanh,
    "when": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), "time": datetime.time(3),
    "random": numpy.random.RandomState(1).get_state(), "generators": [numpy.random.RandomState(1), numpy.random.default_rng(1)],
    "pattern": re.compile("a+"), "quantized": torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.quint8),
    "channels": torch.quantize_per_channel(torch.ones(4, 3), torch.ones(4), torch.zeros(4), 0, torch.qint8),
    "params": net})
torch_file("quantized.pth", {k: torch.quantize_per_tensor(v, 0.1, 0, torch.qint8) if v.dim() == 4 else v
                             for k, v in net.items()})


class Enlarger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = torch.nn.ModuleList([torch.nn.Conv2d(3, 2, 3), torch.nn.PReLU(2), torch.nn.Conv2d(2, 2, 3),
                                         torch.nn.PReLU(2), torch.nn.Conv2d(2, 12, 3)])

    def forward(self, x):
        for layer in self.body:
            x = layer(x)
        return x


torch_file("whole.legacy.pth", Enlarger(), _use_new_zipfile_serialization=False)
torch.jit.freeze(torch.jit.script(Enlarger().eval())).save(str(out / "frozen.pt"))
