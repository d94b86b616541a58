"""The PyTorch peer of a whole job: prints {"seconds": ..., "labellingSeconds": ..., "torch": version} as JSON.

usage: torch_job.py FOLDER HIDDEN EPOCHS THREADS cached|live [eager | compile]
cached: the logits of the teachers' mean are worked out once and kept; live: the teachers run at every step, as the
Keras example of distillation does. Both validate after every epoch, keep the best weights and test them once, as Potstill does.
compile: torch.compile of teachers, loss and optimiser; its time counts, some seconds where its cache on disk has the kernels.
Starts the clock after the imports and after the data are in memory.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch_models import T, distillation_loss, mlp

folder, hidden, epochs, threads, mode = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
variant = sys.argv[6] if len(sys.argv) > 6 else "eager"
torch.set_num_threads(threads)
torch.manual_seed(0)
batch = 128
about = json.load(open(f"{folder}/data.json"))
samples = about["samples"]
pixels = torch.from_numpy(np.fromfile(f"{folder}/samples.bin", np.uint8)).view(-1, 784).float() / 255
labels = torch.from_numpy(np.fromfile(f"{folder}/labels.bin", np.uint8)).long()
x, y = pixels[:samples], labels[:samples]
(held_x, test_x), (held_y, test_y) = pixels[samples:].chunk(2), labels[samples:].chunk(2)

started = time.perf_counter()


def teacher_of(number):
    net = mlp(784, 1200, 1200, 10)
    values = torch.from_numpy(np.fromfile(f"{folder}/teacher-{number}.bin", np.float32))
    at = 0
    for parameter in net.parameters():  # a layer's weight, which is kept transposed, then its bias
        size = parameter.numel()
        own = values[at:at + size]
        with torch.no_grad():
            parameter.copy_(own.view(parameter.shape[::-1]).t() if parameter.dim() == 2 else own)
        at += size
    return net.eval()


teachers = [teacher_of(number + 1) for number in range(about["teachers"])]


@torch.no_grad()
def taught(x):
    """logits whose softened probabilities are the mean of the members'"""
    if len(teachers) == 1:
        return teachers[0](x)
    return T * torch.logsumexp(torch.stack([F.log_softmax(net(x) / T, -1) for net in teachers]), 0)


@torch.no_grad()
def accuracy_on(x, y):
    return (net(x).argmax(-1) == y).float().mean().item()


net = mlp(784, hidden, hidden, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)


def loss_of(rows, y, target):
    return distillation_loss(net(rows), y, target)


if variant == "compile":
    taught, loss_of = torch.compile(taught, dynamic=False), torch.compile(loss_of, dynamic=False)
    optimizer.step = torch.compile(optimizer.step)

labelling = time.perf_counter()
cached = torch.cat([taught(part) for part in x.split(256)]) if mode == "cached" else None
labelling = time.perf_counter() - labelling

best, kept = -1.0, None
for epoch in range(epochs):
    net.train()
    order = torch.randperm(samples)
    for i in order.split(batch):
        rows = x[i]
        target = cached[i] if cached is not None else taught(rows)
        loss = loss_of(rows, y[i], target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    accuracy = accuracy_on(held_x, held_y)
    if accuracy > best:
        best, kept = accuracy, {name: value.clone() for name, value in net.state_dict().items()}
net.load_state_dict(kept)
accuracy_on(test_x, test_y)
torch.save(kept, f"{folder}/torch-student.pt")
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "labellingSeconds": labelling, "accuracy": best, "torch": torch.__version__}))
