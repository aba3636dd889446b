#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The figures of test-trajectory.c, from another program than Kairos: the losses of ten steps of momentum SGD on the
# formulas below, in double precision.  They were computed with PyTorch 1.13; the last line of each network says how far
# single precision is from them.
import torch
from torch import nn

BATCH, STEPS = 32, 10
RATE, MOMENTUM, DECAY = 1 / 8, 7 / 8, 1 / 1024


def numbers(stream, n):
    """n multiples of 2^-15 from -1 up to 1, exact in single precision, in an order without a pattern of use."""
    word = 0xFFFFFFFF
    h = (torch.arange(n) * 2654435761 + stream * 40503) & word
    h = ((h ^ (h >> 15)) * 2246822519) & word
    return ((h ^ (h >> 13)) >> 8 & 0xFFFF).double() / 32768 - 1


def lenet_300_100():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(),
                         nn.Linear(100, 10))


def lenet_5():
    return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def set_weights(net):
    """Stream 2 t for the weights of layer t, 2 t + 1 for its biases.  Kairos has channels last, PyTorch first."""
    layers = [layer for layer in net if hasattr(layer, "weight")]
    for t, layer in enumerate(layers):
        out, fan_in = layer.weight.shape[0], layer.weight[0].numel()
        scale = 2.0 ** -next(k for k in range(20) if fan_in <= 6 * 4 ** k)  # a power of two up to sqrt (6 / fan_in)
        w = scale * numbers(2 * t, out * fan_in)
        if layer.weight.dim() == 4:
            c, h, v = layer.weight.shape[1:]
            w = w.view(out, h, v, c).permute(0, 3, 1, 2)
        elif fan_in == 400:  # behind the pictures of lenet-5
            w = w.view(out, 5, 5, 16).permute(0, 3, 1, 2).reshape(out, 400)
        layer.weight.data = w.reshape(layer.weight.shape).to(layer.weight.dtype)
        layer.bias.data = (numbers(2 * t + 1, out) / 16).to(layer.bias.dtype)


def losses(build, dtype):
    net = build().to(dtype)
    set_weights(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    for step in range(STEPS):
        x = numbers(100 + step % 2, BATCH * 784).view(BATCH, 1, 28, 28).to(dtype)
        labels = (torch.arange(BATCH) * 7 + step % 2) % 10
        loss = nn.functional.cross_entropy(net(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


for build in (lenet_300_100, lenet_5):
    exact, single = list(losses(build, torch.float64)), list(losses(build, torch.float32))
    print(build.__name__, ", ".join("%.8f" % loss for loss in exact))
    print("  single precision: up to %.1e away" % max(abs(a - b) for a, b in zip(exact, single)))
