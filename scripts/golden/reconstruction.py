"""Golden values of reconstruction losses (PyTorch, float64) and areas under ROC curves (scikit-learn).

    /usr/bin/python3 scripts/golden/reconstruction.py test/golden/reconstruction.json

It needs Debian's python3-torch and python3-sklearn.
"""

import json
import pathlib
import sys

import sklearn
import torch
from sklearn.metrics import roc_auc_score

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)


def exact(*shape):
    """Random numbers that float32 holds exactly and that are short in text."""
    return (torch.randn(*shape) * 64).round() / 64


def loss(shape, weighted):
    output, target = exact(*shape).requires_grad_(True), exact(*shape)
    weights = torch.rand(shape[0]).mul(64).round() / 64 if weighted else torch.full((shape[0],), 1 / shape[0])
    errors = torch.nn.functional.mse_loss(output, target, reduction="none").flatten(1).mean(1)
    value = (weights * errors).sum()
    value.backward()
    return {
        "shape": list(shape),
        "output": output.flatten().tolist(),
        "target": target.flatten().tolist(),
        "weights": weights.tolist() if weighted else None,
        "errors": errors.tolist(),
        "loss": value.item(),
        "gradient": output.grad.flatten().tolist(),
    }


def area(samples, levels):
    """Few levels make many equal scores."""
    positive = torch.rand(samples) < 0.4
    scores = (torch.randn(samples) + positive * 0.8).mul(levels).round() / levels
    return {
        "scores": scores.tolist(),
        "positive": positive.int().tolist(),
        "area": roc_auc_score(positive.numpy(), scores.numpy()),
    }


golden = {
    "torch": torch.__version__,
    "sklearn": sklearn.__version__,
    "script": "scripts/golden/reconstruction.py",
    "seed": 5,
    "losses": [loss((3, 4), False), loss((4, 2, 3), True), loss((1, 1), True), loss((2, 1, 2, 2), False)],
    "areas": [area(40, 1000), area(60, 2), area(50, 1)],
}
pathlib.Path(sys.argv[1]).write_text(json.dumps(golden) + "\n")
