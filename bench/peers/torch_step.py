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


CASES = {
    "mlp-1200": (lambda: mlp(784, 1200, 1200, 10), (784,), 128),
    "mlp-30": (lambda: mlp(784, 30, 30, 10), (784,), 128),
    "cnn": (cnn, (1, 28, 28), 64),
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

build, shape, batch = CASES[case]
net = build()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
x = torch.rand(60000 if case.startswith("mlp") else 4096, *shape)
y = torch.randint(0, 10, (len(x),))
v = torch.randn(len(x), 10)
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
