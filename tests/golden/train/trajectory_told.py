#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
# Makes trajectory_told.safetensors: five steps of tiny FFDNets that are told how much noise there is, or the quality of
# JPEG, and make what is added to the picture. Run with PyTorch, numpy and safetensors: trajectory_told.py FOLDER. The
# numbers are the same each time. Zhang, Zuo, Zhang, arXiv:1710.04026; what is ours: engine/families/denoiser.h.
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

FEATURES, LAYERS, STEPS, BATCH, HEIGHT, WIDTH = 6, 4, 5, 2, 15, 18
torch.manual_seed(20)
torch.set_num_threads(1)


def level_of(kind, number):
    return (100 - number) / 100 if kind == "quality" else number / 50


def network(w, kind, x, number):
    level = level_of(kind, number).view(-1, 1, 1, 1)
    y = F.pad(x - 0.5, (0, WIDTH % 2, 0, HEIGHT % 2), mode="replicate")
    y = F.pixel_unshuffle(y, 2)
    y = torch.cat([y, level.expand(-1, 1, *y.shape[2:])], 1)
    for i in range(LAYERS):
        y = F.conv2d(y, w[f"model.{2 * i}.weight"], w[f"model.{2 * i}.bias"], padding=1)
        y = F.relu(y) if i + 1 < LAYERS else y
    y = F.pixel_shuffle(y, 2)[:, :, :HEIGHT, :WIDTH]
    return x + (10 * level).clamp(0, 1) * y


out = {}
for kind, numbers in (("noise", [0.0, 50.0, 2.5, 25.0, 12.0, 4.0, 40.0, 1.0, 33.0, 7.0]),
                      ("quality", [100.0, 10.0, 95.0, 75.0, 40.0, 98.0, 90.0, 60.0, 20.0, 92.0])):
    widths = [13] + [FEATURES] * (LAYERS - 1) + [12]
    first = {}
    for i in range(LAYERS):
        first[f"model.{2 * i}.weight"] = torch.randn(widths[i + 1], widths[i], 3, 3) * (1.4 / (3 * widths[i] ** 0.5))
        first[f"model.{2 * i}.bias"] = torch.randn(widths[i + 1]) * 0.1
    for name, tensor in first.items():
        out[f"{kind}/init/{name}"] = tensor
    for name in ("residual",) + (("quality",) if kind == "quality" else ()):
        out[f"{kind}/init/{name}"] = out[f"{kind}/final/{name}"] = torch.zeros(1)
    weights = {name: tensor.double().requires_grad_() for name, tensor in first.items()}
    optimizer = torch.optim.Adam(weights.values(), lr=2e-3, betas=(0.9, 0.99))
    losses = []
    for step in range(STEPS):
        target = torch.rand(BATCH, 3, HEIGHT, WIDTH)
        damaged = (target + 0.1 * torch.randn_like(target)).clamp(0, 1)
        number = torch.tensor(numbers[BATCH * step : BATCH * (step + 1)])
        out[f"{kind}/batch{step}/input"], out[f"{kind}/batch{step}/target"] = damaged, target
        out[f"{kind}/batch{step}/number"] = number
        loss = (network(weights, kind, damaged.double(), number.double()) - target.double()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    out[f"{kind}/loss"] = torch.tensor(losses)
    for name, tensor in weights.items():
        out[f"{kind}/final/{name}"] = tensor.detach().float().contiguous()
save_file({k: v.contiguous().clone() for k, v in out.items()},
          pathlib.Path(sys.argv[1]) / "trajectory_told.safetensors")
