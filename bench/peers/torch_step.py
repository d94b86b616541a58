"""The PyTorch peer of one training-step case: prints {"ms": [...], "torch": version, ...} as JSON.

usage: torch_step.py CASE THREADS STEPS ROUNDS [eager | compile]
With 0 rounds it says {"torch": version} when it is warm, and {"ms": ...} of a round after every line that it reads.
Needs a PyTorch linked to OpenBLAS (Debian: python3-torch libopenblas0-pthread) and, in the environment,
OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0 OPENBLAS_NUM_THREADS=<1 or 2>; bench/run.mjs sets them.
"""

import json
import resource
import sys
import time

import torch
from torch_models import case_of, distillation_loss

case, threads, steps, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
variant = sys.argv[5] if len(sys.argv) > 5 else "eager"
torch.set_num_threads(threads)
torch.manual_seed(0)


def report(**values):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**values, "peakMiB": peak, "torch": torch.__version__}))


def times_of(work, count, rounds):
    times = []
    for _ in range(rounds):
        t0 = time.perf_counter()
        for _ in range(count):
            work()
        times.append((time.perf_counter() - t0) / count * 1e3)
    return times


def serve(work):
    """A round after every line that is read."""
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({"ms": times_of(work, steps, 1)[0]}), flush=True)


if case == "gemm":
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    times_of(lambda: a @ b, 3, 1)
    report(ms=times_of(lambda: a @ b, 1, 8))
    sys.exit()

if case.startswith("products:"):
    # products:BATCH:784:1200:1200:10: the matrix products of a perceptron's step and nothing else, in rounds that are served
    batch, *sizes = map(int, case.split(":")[1:])
    x = [torch.rand(batch, size) for size in sizes]
    w = [torch.rand(a, b) for a, b in zip(sizes, sizes[1:])]
    forward = [torch.empty(batch, size) for size in sizes[1:]]
    weight_gradients = [torch.empty_like(each) for each in w]
    input_gradients = [torch.empty_like(each) for each in x]

    def products():
        for k in range(len(w)):
            torch.mm(x[k], w[k], out=forward[k])
            torch.mm(x[k].t(), x[k + 1], out=weight_gradients[k])
            if k > 0:
                torch.mm(x[k + 1], w[k].t(), out=input_gradients[k])

    with torch.no_grad():
        times_of(products, max(3, steps // 4), 1)
        serve(products)
    sys.exit()

build, shape, batch, classes, samples = case_of(case)
net = build()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
x = torch.randint(0, 1000, (samples, *shape)) if case == "transformer" else torch.rand(samples, *shape)
y = torch.randint(0, classes, (len(x),))
v = torch.randn(len(x), classes)


def loss_of(x, y, v):
    return distillation_loss(net(x), y, v)


if variant == "compile":
    loss_of = torch.compile(loss_of)
    optimizer.step = torch.compile(optimizer.step)


def step():
    i = torch.randint(0, len(x), (batch,))
    loss = loss_of(x[i], y[i], v[i])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


step()
first = time.time()
times_of(step, max(3, steps // 4), 1)
if rounds == 0:
    serve(step)
else:
    report(ms=times_of(step, steps, rounds), firstStepAt=first)
