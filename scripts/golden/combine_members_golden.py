"""Makes test/golden/combine-members.json: ensembles combined by numpy in float64, straight from the definitions.

Run: /usr/bin/python3 scripts/golden/combine_members_golden.py   (Debian: python3-numpy)
"""

import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(0)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def combined(z, weights, temperature, method, is_sigmoid):
    """Probabilities of the ensemble at the temperature."""
    w = (np.array(weights) / np.sum(weights))[:, None]
    if method == "logits":
        mean = (w * z).sum(axis=0) / temperature
        return sigmoid(mean) if is_sigmoid else softmax(mean)
    p = sigmoid(z / temperature) if is_sigmoid else softmax(z / temperature)
    if method == "arithmetic":
        return (w * p).sum(axis=0)
    g = np.prod(p**w, axis=0)
    if is_sigmoid:
        return g / (g + np.prod((1 - p) ** w, axis=0))
    return g / g.sum()


cases = []
for members, classes in [(1, 4), (2, 3), (3, 5)]:
    z = np.float32(rng.normal(size=(members, classes)) * 4).astype("float64")
    for weights in [[1.0] * members, list(range(1, members + 1))]:
        for temperature in [0.5, 1.0, 4.0]:
            for method in ["arithmetic", "geometric", "logits"]:
                for is_sigmoid in [False, True]:
                    p = combined(z, weights, temperature, method, is_sigmoid)
                    cases.append(
                        {
                            "logits": z.tolist(),
                            "weights": [float(w) for w in weights],
                            "temperature": temperature,
                            "method": method,
                            "isSigmoid": is_sigmoid,
                            "logProbabilities": np.log(p).tolist(),
                        }
                    )

target = Path(__file__).resolve().parents[2] / "test" / "golden" / "combine-members.json"
header = {"numpy": np.__version__, "seed": 0, "script": "scripts/golden/combine_members_golden.py"}
target.write_text(json.dumps({**header, "cases": cases}) + "\n")
