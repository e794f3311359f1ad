#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tutorial's network in PyTorch at its best (a peer as peer.py says): pytorch.py's through torch.compile, which needs
a C++ compiler; training with the fused Adam, inference with frozen weights, which are packed once."""

import torch

import pytorch


def train_step(batch):
    return pytorch.train_step(batch, compiled=torch.compile, fused=True)


def inference(batch):
    return pytorch.inference(batch, compiled=torch.compile(options={"freezing": True}))


pytorch.main({"product": pytorch.product, "train_step": train_step, "inference": inference})
