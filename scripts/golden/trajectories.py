"""Training trajectories by PyTorch, float64: test/golden/optim/trajectories.json.

Small networks on fixed batches, 0.3 * cross-entropy + 0.7 * T^2 * KL(teacher || student) at T = 4, twenty
steps with a learning rate that changes at every step. Weights are recorded after 1, 5 and 20 steps.
Kernels are stored as [in, units] for dense layers, which is the transpose of PyTorch's layout.
Of wide networks the file holds neither samples nor start, which come from a formula (`drawn`), and of each weight at
most some fifty numbers, every so many.

    python3 scripts/golden/trajectories.py        (PyTorch 2.6)
"""

import fnmatch
import itertools
import json
import math
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
OUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "optim" / "trajectories.json"
STEPS, RECORDED, BATCHES, CLASSES = 20, (1, 5, 20), 4, 3
LEARNING_RATES = [round(0.02 * (1 + step % 5) * (1 - step / 25), 6) for step in range(STEPS)]


def exact(*shape, scale=1.0):
    """Random numbers that float32 holds exactly and that are short in text."""
    return (torch.randn(*shape) * scale * 64).round() / 64


def drawn(name, *shape):
    """Numbers in [-0.5, 0.5) that float32 holds exactly, a function of name and place: a linear congruential generator."""
    state, numbers = sum((i + 1) * letter for i, letter in enumerate(name.encode())), []
    for _ in range(math.prod(shape)):
        state = (state * 1664525 + 1013904223) % 2**32
        numbers.append((state >> 16) / 65536 - 0.5)
    return torch.tensor(numbers).reshape(shape)


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3))


def cnn(norm, channels=(3, 4)):
    def block(inputs, outputs):
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=not norm)
        return [conv, *([nn.BatchNorm2d(outputs)] if norm else []), nn.ReLU(), nn.MaxPool2d(2)]

    head = [nn.Flatten(), nn.Linear(channels[1] * 2 * 2, 6), nn.ReLU(), nn.Linear(6, 3)]
    return nn.Sequential(*block(1, channels[0]), *block(*channels), *head)


def named(model):
    """Potstill's name -> (tensor, is it a dense kernel, role)."""
    names, hidden, convs = {}, 0, 0
    linears = [layer for layer in model if isinstance(layer, nn.Linear)]
    for layer in model:
        if isinstance(layer, nn.Linear):
            hidden += 1
            path = "output" if layer is linears[-1] else f"hidden{hidden}"
            names[f"{path}/kernel"] = (layer.weight, True, "kernel")
            names[f"{path}/bias"] = (layer.bias, False, "bias")
        if isinstance(layer, nn.Conv2d):
            convs += 1
            names[f"conv{convs}/kernel"] = (layer.weight, False, "kernel")
            if layer.bias is not None:
                names[f"conv{convs}/bias"] = (layer.bias, False, "bias")
        if isinstance(layer, nn.BatchNorm2d):
            names[f"norm{convs}/scale"] = (layer.weight, False, "scale")
            names[f"norm{convs}/offset"] = (layer.bias, False, "offset")
            names[f"norm{convs}/mean"] = (layer.running_mean, False, "statistic")
            names[f"norm{convs}/variance"] = (layer.running_var, False, "statistic")
    return names


def plain(tensor, transposed=False):
    value = tensor.detach().T if transposed else tensor.detach()
    data = [float(f"{x:.10g}") for x in value.flatten().tolist()]
    return {"shape": list(value.shape), "data": data}


def thinned(value):
    """Every so many of the numbers; the step shares no factor with the sides of kernels and layers."""
    every = next(step for step in itertools.count(len(value["data"]) // 48 or 1) if math.gcd(step, 6) == 1)
    data = value["data"][::every]
    return value if every == 1 else {"shape": [len(data)], "data": data, "every": every}


def state(model):
    return {name: plain(value, dense) for name, (value, dense, _) in named(model).items()}


def start_by_formula(name, shape, transposed):
    return drawn(name, *reversed(shape)).T / 2 if transposed else drawn(name, *shape) / 2


def soft_loss(student, teacher, t=4.0):
    p, q = torch.log_softmax(teacher / t, 1), torch.log_softmax(student / t, 1)
    return t * t * (p.exp() * (p - q)).sum(1).mean()


def param_groups(model, weight_decay, decay, rules):
    """PyTorch's groups: rules are (pattern, learning rate's factor, weight decay or None); the first that names wins."""
    groups = {}
    for name, (value, _, role) in named(model).items():
        if role == "statistic":
            continue
        scale, own = next(((s, w) for pattern, s, w in rules if fnmatch.fnmatch(name, pattern)), (1, None))
        usual = weight_decay if decay == "all" or role == "kernel" else 0
        if scale == 0:
            value.requires_grad_(False)
        else:
            groups.setdefault((scale, usual if own is None else own), []).append(value)
    return [{"params": values, "scale": scale, "weight_decay": own} for (scale, own), values in groups.items()]


def run(name, make, sample, batch, optimizer, options, clip=None, limit=None, decay="kernels", rules=(), wide=False):
    torch.manual_seed(sum(name.encode()))
    model = make()
    with torch.no_grad():
        for own, (value, dense, role) in named(model).items():
            if role in ("kernel", "bias"):
                value.copy_(start_by_formula(own, value.shape, dense) if wide else exact(*value.shape, scale=0.5))
    samples = [drawn(f"samples {at}", batch, *sample) if wide else exact(batch, *sample) for at in range(BATCHES)]
    teacher = [exact(batch, CLASSES, scale=3) for _ in range(BATCHES)]
    labels = [torch.randint(CLASSES, (batch,)) for _ in range(BATCHES)]
    start = state(model)
    parameters = [(value, role) for value, _, role in named(model).values() if role != "statistic"]
    weight_decay = options.pop("weight_decay", 0)
    stepper = optimizer(param_groups(model, weight_decay, decay, rules), lr=1, **options)
    losses, norms, states = [], [], {}
    for step in range(STEPS):
        for group in stepper.param_groups:
            group["lr"] = LEARNING_RATES[step] * group["scale"]
        stepper.zero_grad()
        logits = model(samples[step % BATCHES])
        hard = nn.functional.cross_entropy(logits, labels[step % BATCHES])
        soft = soft_loss(logits, teacher[step % BATCHES])
        loss = 0.3 * hard + 0.7 * soft
        loss.backward()
        if clip is not None:
            norms.append(nn.utils.clip_grad_norm_([v for v, _ in parameters], clip).item())
        stepper.step()
        if limit is not None:
            with torch.no_grad():
                for value, role in parameters:
                    if role == "kernel":  # dim 0 is the unit, in dense layers and in convolutions
                        value.copy_(torch.renorm(value, 2, 0, limit))
        losses.append([loss.item(), hard.item(), soft.item()])
        if step + 1 in RECORDED:
            states[step + 1] = state(model)
    if wide:  # what comes from the formula is not stored
        for own, (_, _, role) in named(model).items():
            if role in ("kernel", "bias"):
                del start[own]["data"]
        states = {step: {own: thinned(value) for own, value in each.items()} for step, each in states.items()}
    return {
        "name": name,
        "batch": batch,
        "sample": list(sample),
        "samples": [] if wide else [plain(value)["data"] for value in samples],
        "teacherLogits": [plain(value)["data"] for value in teacher],
        "labels": [value.tolist() for value in labels],
        "start": start,
        "losses": losses,
        "gradientNorms": norms,
        "states": states,
    }


def main():
    sgd, adam, adam_w = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
    flat, image = (6,), (1, 8, 8)
    wide_cnn = lambda: cnn(True, (16, 32))
    cases = [
        run("mlp, sgd", mlp, flat, 8, sgd, {}),
        run("mlp, momentum and decay", mlp, flat, 8, sgd, {"momentum": 0.9, "weight_decay": 0.02}),
        run("mlp, nesterov", mlp, flat, 8, sgd, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.02}),
        run("mlp, decay of all", mlp, flat, 8, sgd, {"momentum": 0.5, "weight_decay": 0.1}, decay="all"),
        run("mlp, adam", mlp, flat, 8, adam, {"weight_decay": 0.02}),
        run("mlp, adamW", mlp, flat, 8, adam_w, {"weight_decay": 0.5, "betas": (0.8, 0.95)}),
        run("mlp, clipped", mlp, flat, 8, sgd, {"momentum": 0.9}, clip=0.7),
        run("mlp, max-norm", mlp, flat, 8, sgd, {"momentum": 0.9}, limit=1.1),
        run("cnn, momentum and decay", lambda: cnn(False), image, 6, sgd, {"momentum": 0.9, "weight_decay": 0.02}),
        run("cnn, adamW", lambda: cnn(False), image, 6, adam_w, {"weight_decay": 0.1}),
        run("cnn, max-norm", lambda: cnn(False), image, 6, sgd, {}, limit=0.9),
        run("cnn with batch norm", lambda: cnn(True), image, 6, sgd, {"momentum": 0.9, "weight_decay": 0.02}),
        run(
            "mlp, parameter groups",
            mlp,
            flat,
            8,
            sgd,
            {"momentum": 0.9, "weight_decay": 0.02},
            rules=[("hidden1/*", 0.5, 0.1), ("hidden2/kernel", 0, None), ("*/bias", 2, None)],
        ),
        run(
            "cnn, adamW, parameter groups",
            lambda: cnn(False),
            image,
            6,
            adam_w,
            {"weight_decay": 0.1},
            rules=[("conv?/*", 0.25, None), ("output/kernel", 1, 0.5)],
        ),
        run("wide cnn, momentum and decay", wide_cnn, image, 16, sgd, {"momentum": 0.9, "weight_decay": 0.02}, wide=True),
        run("wide cnn, adamW", wide_cnn, image, 16, adam_w, {"weight_decay": 0.1}, wide=True),
    ]
    head = {
        "torch": torch.__version__,
        "script": pathlib.Path(__file__).name,
        "learningRates": LEARNING_RATES,
    }
    body = ",\n".join(json.dumps(case) for case in cases)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + body + "\n]}\n")


if __name__ == "__main__":
    main()
