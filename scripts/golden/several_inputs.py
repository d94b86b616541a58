"""Twenty steps of a network with two inputs, two outputs and a shared layer, by PyTorch in float64.

    python3 scripts/golden/several_inputs.py test/golden/optim/several-inputs.json

One dense layer sees both inputs (weight sharing); a classifier sees both results, a regression sees them too but does
not move the shared layer (stop-gradient). The shared layer, the classifier and the regression have learning rates of
their own, and only the classifier's kernel decays. Kernels are stored as [in, units].
"""

import json
import pathlib
import sys

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
STEPS, BATCH, MOMENTUM, DECAY = 20, 6, 0.9, 0.05
RATES = {"shared": 0.05, "classifier": 0.1, "regression": 0.02}


def exact(*shape, scale=1.0):
    """Random numbers that float32 holds exactly and that are short in text."""
    return (torch.randn(*shape) * scale * 64).round() / 64


def plain(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{x:.10g}") for x in tensor.flatten().tolist()]}


def main():
    data = {
        "left": exact(BATCH, 4),
        "right": exact(BATCH, 4),
        "target": exact(BATCH, 1),
    }
    labels = torch.randint(3, (BATCH,))
    weights = {
        "shared/kernel": exact(4, 5, scale=0.5),
        "shared/bias": exact(5, scale=0.1),
        "classifier/kernel": exact(10, 3, scale=0.5),
        "classifier/bias": exact(3, scale=0.1),
        "regression/kernel": exact(10, 1, scale=0.5),
        "regression/bias": exact(1, scale=0.1),
    }
    start = {name: plain(value) for name, value in weights.items()}
    for value in weights.values():
        value.requires_grad_(True)
    groups = [
        {
            "params": [value],
            "lr": RATES[name.split("/")[0]],
            "weight_decay": DECAY if name == "classifier/kernel" else 0,
        }
        for name, value in weights.items()
    ]
    optimizer = torch.optim.SGD(groups, lr=1, momentum=MOMENTUM)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        seen = [torch.tanh(data[side] @ weights["shared/kernel"] + weights["shared/bias"]) for side in ("left", "right")]
        features = torch.cat(seen, 1)
        logits = features @ weights["classifier/kernel"] + weights["classifier/bias"]
        predicted = features.detach() @ weights["regression/kernel"] + weights["regression/bias"]
        hard = torch.nn.functional.cross_entropy(logits, labels)
        error = ((predicted - data["target"]) ** 2).mean()
        (hard + error).backward()
        optimizer.step()
        losses.append([hard.item(), error.item()])
    result = {
        "torch": torch.__version__,
        "script": pathlib.Path(__file__).name,
        "momentum": MOMENTUM,
        "decay": DECAY,
        "rates": RATES,
        "inputs": {name: plain(value) for name, value in data.items()},
        "labels": labels.tolist(),
        "start": start,
        "end": {name: plain(value) for name, value in weights.items()},
        "losses": losses,
    }
    pathlib.Path(sys.argv[1]).write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
