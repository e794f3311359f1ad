#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tutorial's network in PyTorch as most people run it (a peer as peer.py says): eager, channels_last, Adam, L2 on
the first convolution."""

import torch
from torch import nn

import peer


def network():
    def block(channels, filters, convolutions):
        layers = []
        for _ in range(convolutions):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(filters, 1e-3, 0.01)]
            channels = filters
        return layers + [nn.MaxPool2d(2), nn.Dropout(0.5)]

    dense = []
    for inputs, units, rate in ((2048, 512, 0.4), (512, 256, 0.4), (256, 128, 0.5)):
        dense += [nn.Linear(inputs, units), nn.ReLU(), nn.Dropout(rate)]
    net = nn.Sequential(nn.Conv2d(1, 64, 3), nn.ReLU(), *block(64, 64, 1), *block(64, 128, 2), *block(128, 256, 2),
                        *block(256, 512, 2), nn.Flatten(), *dense, nn.Linear(128, 7))
    return net.to(memory_format=torch.channels_last)


def images(batch):
    return torch.rand(batch, 1, 48, 48).to(memory_format=torch.channels_last)


def train_step(batch, compiled=lambda function: function, **adam):
    model, x, labels = network(), images(batch), torch.arange(batch) % 7
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, **adam)

    @compiled
    def loss_of(x, labels):
        return nn.functional.cross_entropy(model(x), labels) + 0.01 * model[0].weight.square().sum()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(x, labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def inference(batch, compiled=lambda function: function):
    model, x = network().eval(), images(batch)

    @compiled
    def predict(x):
        return model(x).softmax(1)

    def step():
        with torch.inference_mode():
            predict(x)

    return step


def product(batch):
    a = torch.rand(peer.PRODUCT, peer.PRODUCT)
    return lambda: a @ a


def main(works):
    arguments = peer.arguments(works)
    torch.manual_seed(0)
    torch.set_num_threads(arguments.threads)
    peer.measure(torch.__version__, works[arguments.work](arguments.batch), arguments.seconds)


if __name__ == "__main__":
    main({"product": product, "train_step": train_step, "inference": inference})
