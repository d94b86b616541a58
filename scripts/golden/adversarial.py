"""Both terms of adversarial distillation and their gradients, by PyTorch in float64.

    /usr/bin/python3 scripts/golden/adversarial.py test/golden/losses/adversarial.json

Two backward passes, as adversarial training is usually written: one of the student's term, after which only the
student's logits keep their gradient, and one of the discriminator's on detached logits, after which only its weights
do. Kernels are stored as [in, units].
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(23)
BATCH, CLASSES = 5, 4
bce = F.binary_cross_entropy_with_logits


def exact(*shape, scale=1.0):
    """Random numbers that float32 holds exactly and that are short in text."""
    return (torch.randn(*shape) * scale * 64).round() / 64


def plain(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().flatten().tolist()}


def score(x, layers):
    for kernel, bias in layers[:-1]:
        x = torch.relu(x @ kernel + bias)
    kernel, bias = layers[-1]
    return (x @ kernel + bias).squeeze(1)


def combined(teacher, temperature, mean, shares):
    """@returns log-probabilities [batch, classes] of members [batch, members, classes]"""
    softened = teacher / temperature
    shares = torch.tensor(shares)[None, :, None] / sum(shares)
    if mean == "arithmetic":
        return (softened.softmax(2) * shares).sum(1).log()
    return (softened * shares).sum(1).log_softmax(1)


def seen(logits):
    """@returns what the discriminator sees: centred, and drawn into the ball of radius 1"""
    centred = logits - logits.mean(1, keepdim=True)
    length = torch.linalg.vector_norm(centred, dim=1, keepdim=True)
    return centred / torch.hypot(length, torch.ones_like(length))


def case(name, hidden, members, mean, shares, temperature):
    sizes = [CLASSES, *hidden, 1]
    layers = [
        (exact(n, m, scale=0.7).requires_grad_(), exact(m, scale=0.3).requires_grad_())
        for n, m in zip(sizes[:-1], sizes[1:])
    ]
    student = exact(BATCH, CLASSES, scale=3).requires_grad_()
    teacher = exact(BATCH, members, CLASSES, scale=3)
    weights = torch.tensor([0.25, 0.0, 0.375, 0.125, 0.25])
    target = seen(combined(teacher, temperature, mean, shares))
    answer = seen(student / temperature)
    ones, zeros = torch.ones(BATCH), torch.zeros(BATCH)
    adversarial = bce(score(answer, layers), ones, weight=weights, reduction="sum")
    (moved,) = torch.autograd.grad(adversarial, [student])
    discriminator = bce(score(target, layers), ones, weight=weights, reduction="sum") + bce(
        score(answer.detach(), layers), zeros, weight=weights, reduction="sum"
    )
    flat = [x for layer in layers for x in layer]
    derived = torch.autograd.grad(discriminator, flat)
    names = [f"hidden{i + 1}" for i in range(len(hidden))] + ["output"]
    names = [f"discriminator/{name}/{part}" for name in names for part in ("kernel", "bias")]
    return {
        "name": name,
        "hidden": hidden,
        "combine": mean,
        "shares": shares,
        "temperature": temperature,
        "student": plain(student),
        "teacher": plain(teacher if members > 1 else teacher[:, 0]),
        "weights": plain(weights),
        "parameters": {name: plain(x) for name, x in zip(names, flat)},
        "adversarial": adversarial.item(),
        "discriminator": discriminator.item(),
        "gradients": {"student": plain(moved), **{name: plain(x) for name, x in zip(names, derived)}},
    }


if __name__ == "__main__":
    cases = [
        case("one teacher", [6], 1, "arithmetic", [1], 4),
        case("a linear discriminator, T = 1", [], 1, "arithmetic", [1], 1),
        case("the arithmetic mean of three members, weighted", [5, 3], 3, "arithmetic", [1, 2, 5], 2),
        case("the geometric mean of two members", [4], 2, "geometric", [1, 1], 3),
    ]
    golden = {"torch": torch.__version__, "script": pathlib.Path(__file__).name, "cases": cases}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(golden, indent=1) + "\n")
