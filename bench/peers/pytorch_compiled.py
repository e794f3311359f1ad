#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tutorial's network in PyTorch at its best (a peer as peer.py says): pytorch.py's through torch.compile, which
needs a C++ compiler; training with the fused Adam, inference with frozen weights (packed once, ReLU fused)."""

import os

os.environ["TORCHINDUCTOR_FREEZING"] = "1"  # read when torch is imported; torch.compile's options come too late for it

import torch

import pytorch


def train_step(batch):
    return pytorch.train_step(batch, compiled=torch.compile, fused=True)


def inference(batch):
    return pytorch.inference(batch, compiled=torch.compile)


pytorch.main({"product": pytorch.product, "train_step": train_step, "inference": inference})
