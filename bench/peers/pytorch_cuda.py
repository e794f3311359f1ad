#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tutorial's network in PyTorch on the first CUDA device, training steps in bfloat16 autocast, images and labels
there already, batches gathered in a shuffled order: eager is that and no more; best adds fused Adam, torch.compile, the
fastest of cuDNN's algorithms by timing them, and the whole step as one CUDA graph. Prints a peer's JSON (peer.py)."""

import torch
from torch import nn

import peer
import pytorch

STEPS = 64


def train_steps(batch, best):
    """A function that runs STEPS steps and waits for them."""
    model = pytorch.network().cuda()
    pixels = torch.randint(0, 256, (batch * STEPS, 1, 48, 48), dtype=torch.uint8, device="cuda")
    labels = torch.arange(batch * STEPS, device="cuda") % 7
    taken = torch.zeros(batch, dtype=torch.int64, device="cuda")
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=best, capturable=best)

    def loss_of(taken):
        x = (pixels[taken].float() * (1 / 255)).to(memory_format=torch.channels_last)
        with torch.autocast("cuda", torch.bfloat16):
            logits = model(x)
        return nn.functional.cross_entropy(logits.float(), labels[taken]) + 0.01 * model[0].weight.square().sum()

    if best:
        torch.backends.cudnn.benchmark = True
        loss_of = torch.compile(loss_of, mode="max-autotune-no-cudagraphs")

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of(taken).backward()
        optimizer.step()

    run = step
    if best:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(5):
                step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        run = graph.replay

    def steps_of_an_epoch():
        order = torch.randperm(batch * STEPS, device="cuda")
        for i in range(STEPS):
            taken.copy_(order[i * batch:(i + 1) * batch])
            run()
        torch.cuda.synchronize()

    return steps_of_an_epoch


arguments = peer.arguments(["eager", "best"])
torch.manual_seed(0)
torch.set_num_threads(arguments.threads)
peer.measure(torch.__version__, train_steps(arguments.batch, arguments.work == "best"), arguments.seconds, STEPS)
