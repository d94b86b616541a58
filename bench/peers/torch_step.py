"""The PyTorch peer of one training-step case: prints {"ms": [...], "torch": version} as JSON.

usage: torch_step.py CASE THREADS STEPS ROUNDS
Needs a PyTorch linked to OpenBLAS (Debian: python3-torch libopenblas0-pthread) and, in the environment,
OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 OPENBLAS_NUM_THREADS=<1 or 2>; bench/run.mjs sets them.
"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

case, threads, steps, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(0)


def mlp(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10),
    )


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu(self.branch(x) + self.shortcut(x))


def resnet8():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )


def ds_cnn(c):
    def block():
        return [
            nn.Conv2d(c, c, 3, 1, 1, groups=c, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        ]

    return nn.Sequential(
        nn.Conv2d(1, c, (10, 4), 2, (5, 1), bias=False), nn.BatchNorm2d(c), nn.ReLU(),
        *block(), *block(), *block(), *block(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 12),
    )


class Gru(nn.Module):
    def __init__(self, units, levels):
        super().__init__()
        self.gru = nn.GRU(40, units, levels, batch_first=True)
        self.output = nn.Linear(units, 12)

    def forward(self, x):
        return self.output(self.gru(x)[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(1000, 128)
        self.positions = nn.Parameter(torch.zeros(64, 128))
        layer = nn.TransformerEncoderLayer(128, 4, 512, 0.0, "gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, nn.LayerNorm(128), enable_nested_tensor=False)
        self.output = nn.Linear(128, 10)

    def forward(self, x):
        return self.output(self.layers(self.tokens(x) + self.positions).mean(1))


# name: network, shape of a sample, batch, classes
CASES = {
    "mlp-1200": (lambda: mlp(784, 1200, 1200, 10), (784,), 128, 10),
    "mlp-30": (lambda: mlp(784, 30, 30, 10), (784,), 128, 10),
    "cnn": (cnn, (1, 28, 28), 64, 10),
    "resnet8": (resnet8, (3, 32, 32), 64, 10),
    "ds-cnn": (lambda: ds_cnn(64), (1, 49, 10), 64, 12),
    "ds-cnn-16": (lambda: ds_cnn(16), (1, 49, 10), 64, 12),
    "gru-128": (lambda: Gru(128, 2), (49, 40), 64, 12),
    "gru-32": (lambda: Gru(32, 1), (49, 40), 64, 12),
    "transformer": (Transformer, (64,), 32, 10),
}

if case == "gemm":
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    for _ in range(3):
        a @ b
    times = []
    for _ in range(8):
        t0 = time.perf_counter()
        a @ b
        times.append((time.perf_counter() - t0) * 1e3)
    print(json.dumps({"ms": times, "torch": torch.__version__}))
    sys.exit()

build, shape, batch, classes = CASES[case]
net = build()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
x = torch.randint(0, 1000, (4096, *shape)) if case == "transformer" else torch.rand(4096, *shape)
y = torch.randint(0, classes, (len(x),))
v = torch.randn(len(x), classes)
T = 4.0


def step():
    i = torch.randint(0, len(x), (batch,))
    z = net(x[i])
    soft = F.kl_div(F.log_softmax(z / T, -1), F.log_softmax(v[i] / T, -1), reduction="batchmean", log_target=True)
    loss = 0.1 * F.cross_entropy(z, y[i]) + 0.9 * T * T * soft
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


for _ in range(max(3, steps // 4)):
    step()
times = []
for _ in range(rounds):
    t0 = time.perf_counter()
    for _ in range(steps):
        step()
    times.append((time.perf_counter() - t0) / steps * 1e3)
print(json.dumps({"ms": times, "torch": torch.__version__}))
