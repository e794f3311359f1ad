# SPDX-License-Identifier: MIT
"""pytorch_peers.py EXCHANGE_SAMPLES: ferlab's state_dicts in the hands of PyTorch, PyTorch's in ferlab's, and its ONNX.

An nn.Sequential with ferlab's layers loads what ferlab writes (strictly: no name is missing, none is left) and computes
the same; ferlab computes what PyTorch does from a state_dict and from an export as ONNX, by PyTorch's own exporter.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

torch.manual_seed(1)


def window(layer, size, stride, same, height, width):
    """The layer behind what "same" pads on top, left, bottom and right."""
    if not same:
        return [layer]
    total = [max((-(-side // stride) - 1) * stride + size - side, 0) for side in (height, width)]
    (top, left) = (t // 2 for t in total)
    return [nn.ZeroPad2d((left, total[1] - left, top, total[0] - top)), layer]


class Padded(nn.Module):
    """One module, as ferlab counts them: a layer with the padding before it."""

    def __init__(self, *modules):
        super().__init__()
        self.modules_ = modules  # a tuple: their weights are this module's own
        last = modules[-1]
        self.weight, self.bias = last.weight, last.bias

    def forward(self, x):
        for module in self.modules_:
            x = module(x)
        return x


class Scale(nn.Module):
    def __init__(self, scale, offset):
        super().__init__()
        self.scale, self.offset = scale, offset

    def forward(self, x):
        return x * self.scale + self.offset


def flat():
    """some_networks.hpp's flat_network."""
    return nn.Sequential(
        Scale(1 / 128, -1), nn.Conv2d(2, 3, 3), nn.ReLU(), nn.BatchNorm2d(3, eps=1e-3), nn.MaxPool2d(2),
        Padded(*window(nn.Conv2d(3, 4, 3, 2, bias=False), 3, 2, True, 5, 4)), nn.BatchNorm2d(4, eps=1e-4), nn.ReLU(),
        nn.Flatten(),
        nn.BatchNorm1d(24, eps=1e-3), nn.Linear(24, 6), nn.ReLU(), nn.Linear(6, 5, bias=False), nn.Softmax(1)).eval()


def randomized(model):
    with torch.no_grad():
        for name, array in model.state_dict().items():
            if name.endswith("running_var"):
                array.uniform_(0.3, 2)
            elif array.is_floating_point():
                array.normal_(0, 0.5)
    return model


def check_written(folder):
    path = folder / "flat.pytorch.safetensors"
    model = flat()
    model.load_state_dict(load_file(path), strict=True)
    values = load_file(folder / "flat.values.safetensors")
    found = model(values["input"].permute(0, 3, 1, 2).contiguous())
    worst = float((found - values["output"]).abs().max())
    if not worst <= 1e-5:
        sys.exit(f"pytorch_peers: {path.name}: PyTorch's output differs by {worst}")
    with safe_open(path, "pt") as file:
        if file.metadata()["format"] != "pt":
            sys.exit(f"pytorch_peers: {path.name}: metadata {json.dumps(file.metadata())}")


def save(folder, ferlab):
    """The model `flat` with other weights, as a state_dict, of halves, too, and as ONNX."""
    model = randomized(flat())
    x = torch.randn(2, 2, 13, 11)
    values = {"input": x.permute(0, 2, 3, 1).contiguous(), "output": model(x).detach()}
    for name in ("theirs", "exported"):
        save_file(values, folder / f"{name}.values.safetensors")
    (folder / "theirs.keras").write_bytes(ferlab.read_bytes())
    save_file(model.state_dict(), folder / "theirs.safetensors")
    named = {f"features.{name}" if int(name.split(".")[0]) < 8 else f"head.{name}": array
             for name, array in model.state_dict().items()}
    save_file(named, folder / "theirs.named.safetensors")
    torch.onnx.export(model, x[:1], str(folder / "exported.onnx"), dynamic_axes={"x": [0]}, input_names=["x"])
    return sorted([*folder.glob("theirs*.safetensors"), *folder.glob("*.onnx")])


def main(samples):
    with tempfile.TemporaryDirectory() as written, tempfile.TemporaryDirectory() as theirs:
        written, theirs = pathlib.Path(written), pathlib.Path(theirs)
        subprocess.run([samples, "write", written], check=True)
        check_written(written)
        files = [path for path in save(theirs, written / "flat.keras") if "values" not in path.name]
        subprocess.run([samples, "read", *files], check=True, stdout=subprocess.DEVNULL)
    print(f"PyTorch {torch.__version__}: a state_dict of ferlab's loaded, {len(files)} files of PyTorch's read")


main(sys.argv[1])
