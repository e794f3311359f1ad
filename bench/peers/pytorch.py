#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tutorial's network in PyTorch, as fast as plain PyTorch runs it on a CPU: channels_last, Adam, L2 on the first
convolution. Prints as JSON, in milliseconds of an iteration, the median time and the CPU time of all threads.
Debian: apt install python3-torch libopenblas0-pthread

On a CUDA device (--device) in bfloat16 autocast, images and labels there already, batches gathered in a shuffled order:
eager is that and no more; best adds fused Adam, torch.compile, the fastest of cuDNN's algorithms by timing them, and the
whole step as one CUDA graph."""

import argparse
import json
import statistics
import time

import torch
from torch import nn


def block(channels, filters, convolutions):
    layers = []
    for _ in range(convolutions):
        layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(filters, 1e-3, 0.01)]
        channels = filters
    return layers + [nn.MaxPool2d(2), nn.Dropout(0.5)]


def network():
    dense = []
    for inputs, units, rate in ((2048, 512, 0.4), (512, 256, 0.4), (256, 128, 0.5)):
        dense += [nn.Linear(inputs, units), nn.ReLU(), nn.Dropout(rate)]
    return nn.Sequential(nn.Conv2d(1, 64, 3), nn.ReLU(), *block(64, 64, 1), *block(64, 128, 2), *block(128, 256, 2),
                         *block(256, 512, 2), nn.Flatten(), *dense, nn.Linear(128, 7))


def train_step(model, batch):
    x = torch.rand(batch, 1, 48, 48).to(memory_format=torch.channels_last)
    labels = torch.arange(batch) % 7
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    loss_of = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(x), labels) + 0.01 * model[0].weight.square().sum()
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def train_step_on_device(model, batch, best):
    """A function that runs 64 steps and waits for them."""
    steps = 64
    pixels = torch.randint(0, 256, (batch * steps, 1, 48, 48), dtype=torch.uint8, device="cuda")
    labels = torch.arange(batch * steps, device="cuda") % 7
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
        order = torch.randperm(batch * steps, device="cuda")
        for i in range(steps):
            taken.copy_(order[i * batch:(i + 1) * batch])
            run()
        torch.cuda.synchronize()

    return steps_of_an_epoch, steps


def inference(model, batch):
    x = torch.rand(batch, 1, 48, 48).to(memory_format=torch.channels_last)
    model.eval()

    def step():
        with torch.inference_mode():
            model(x).softmax(1)

    return step


parser = argparse.ArgumentParser()
parser.add_argument("work", choices=["train_step", "inference"])
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seconds", type=float, default=3)
parser.add_argument("--device", choices=["eager", "best"], help="train_step on the first CUDA device")
arguments = parser.parse_args()

torch.manual_seed(0)
torch.set_num_threads(arguments.threads)
net = network().to(memory_format=torch.channels_last)
iterations = 1
if arguments.device:
    step, iterations = train_step_on_device(net.cuda(), arguments.batch, arguments.device == "best")
else:
    step = {"train_step": train_step, "inference": inference}[arguments.work](net, arguments.batch)
step()
step()
times = []
start, cpu = time.perf_counter(), time.process_time()
while time.perf_counter() - start < arguments.seconds:
    begin = time.perf_counter()
    step()
    times.append(1000 * (time.perf_counter() - begin) / iterations)
cpu = 1000 * (time.process_time() - cpu) / len(times) / iterations
print(json.dumps({"real_time": statistics.median(times), "cpu_time": cpu}))
