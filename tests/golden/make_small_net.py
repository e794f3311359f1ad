#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes small_net.hpp: what PyTorch, in double precision, makes of a small network: outputs, loss, gradients, and the weights after
three Adam steps in Keras's form. Run it again with `python3 tests/golden/make_small_net.py` (Debian: python3-torch)."""
import math
import os

import torch
import torch.nn.functional as F

torch.manual_seed(1)
D = torch.float64
BATCH, L2, SMOOTHING, RATE = 4, 0.01, 0.1, 1e-2

weights = {  # name: tensor in ferlab's layout (kernels HWIO, dense [in][out])
    "conv2d/kernel": torch.randn(3, 3, 1, 4, dtype=D) * 0.3,
    "conv2d/bias": torch.randn(4, dtype=D) * 0.1,
    "batch_norm/gamma": torch.rand(4, dtype=D) + 0.5,
    "batch_norm/beta": torch.randn(4, dtype=D) * 0.1,
    "conv2d_1/kernel": torch.randn(3, 3, 4, 6, dtype=D) * 0.2,
    "conv2d_1/bias": torch.randn(6, dtype=D) * 0.1,
    "dense/kernel": torch.randn(54, 5, dtype=D) * 0.1,
    "dense/bias": torch.randn(5, dtype=D) * 0.1,
}
initial = {name: w.clone() for name, w in weights.items()}
moving_mean, moving_variance = torch.zeros(4, dtype=D), torch.ones(4, dtype=D)
pixels = torch.randint(0, 256, (BATCH, 8, 8, 1))
labels = torch.tensor([0, 3, 4, 3])


def forward(w):
    global moving_mean, moving_variance
    # pixels are scaled in double by a float32 factor
    x = pixels.to(D).permute(0, 3, 1, 2) * float(torch.tensor(1.0, dtype=torch.float32) / 255)
    x = F.relu(F.conv2d(x, w["conv2d/kernel"].permute(3, 2, 0, 1), w["conv2d/bias"]))
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    momentum = float(torch.tensor(0.99, dtype=torch.float32))
    epsilon = float(torch.tensor(1e-3, dtype=torch.float32))
    moving_mean = momentum * moving_mean + (1 - momentum) * mean.detach()
    moving_variance = momentum * moving_variance + (1 - momentum) * variance.detach()
    c = (None, slice(None), None, None)
    x = (x - mean[c]) / torch.sqrt(variance[c] + epsilon) * w["batch_norm/gamma"][c] + w["batch_norm/beta"][c]
    x = F.max_pool2d(x, 2)
    x = F.relu(F.conv2d(x, w["conv2d_1/kernel"].permute(3, 2, 0, 1), w["conv2d_1/bias"], padding=1))
    x = x.permute(0, 2, 3, 1).reshape(BATCH, -1)
    return x @ w["dense/kernel"] + w["dense/bias"]


def f32(x):
    return float(torch.tensor(x, dtype=torch.float32))


moments = {name: (torch.zeros_like(w), torch.zeros_like(w)) for name, w in weights.items()}
losses, first = [], {}
for step in range(1, 4):
    w = {name: value.clone().requires_grad_() for name, value in weights.items()}
    logits = forward(w)
    s = f32(SMOOTHING)
    target = F.one_hot(labels, 5).to(D) * (1 - s) + s / 5
    loss = -(target * F.log_softmax(logits, 1)).sum(1).mean() + f32(L2) * (w["conv2d/kernel"] ** 2).sum()
    loss.backward()
    losses.append(loss.item())
    if step == 1:
        first = {"outputs": F.softmax(logits, 1).detach(), **{name: value.grad.clone() for name, value in w.items()}}
    b1, b2, eps = f32(0.9), f32(0.999), f32(1e-7)
    rate = f32(RATE) * math.sqrt(1 - b2**step) / (1 - b1**step)
    for name, value in w.items():
        m, v = moments[name]
        m += (value.grad - m) * (1 - b1)
        v += (value.grad**2 - v) * (1 - b2)
        weights[name] = weights[name] - rate * m / (torch.sqrt(v) + eps)


def array(name, tensor, type_="double"):
    values = ", ".join(repr(v) if type_ == "double" else str(v) for v in tensor.reshape(-1).tolist())
    return f"inline constexpr {type_} {name}[] = {{{values}}};\n"


def identifier(name):
    return name.replace("/", "_")


out = "// SPDX-License-Identifier: MIT\n// Written by make_small_net.py with PyTorch " + torch.__version__ + ". Do not edit.\n// clang-format off\n#pragma once\n\nnamespace golden {\n"
out += array("pixels", pixels, "unsigned char") + array("labels", labels, "unsigned char")
out += array("losses", torch.tensor(losses, dtype=D)) + array("outputs", first["outputs"])
for name in weights:
    out += array("initial_" + identifier(name), initial[name])
    out += array("gradient_" + identifier(name), first[name])
    out += array("final_" + identifier(name), weights[name])
out += "struct Weight { const char* name; unsigned long size; const double *initial, *gradient, *final; };\ninline constexpr Weight weights[] = {"
out += ", ".join(f'{{"{n}", {w.numel()}, initial_{identifier(n)}, gradient_{identifier(n)}, final_{identifier(n)}}}' for n, w in weights.items()) + "};\n"
out += array("final_moving_mean", moving_mean) + array("final_moving_variance", moving_variance)
out += "}  // namespace golden\n"
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "small_net.hpp"), "w") as f:
    f.write(out)
