"""Makes test/golden/specialists.json: Eq. 5, weights of ensembles and covariances by numpy and scipy in float64.

Run: /usr/bin/python3 scripts/golden/specialists.py   (Debian: python3-numpy, python3-scipy)
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize

rng = np.random.default_rng(5)


def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def distribution(n, scale=1.5):
    return np.exp(log_softmax(rng.normal(size=n) * scale))


def smallest(f, n):
    """Minimum over distributions, by gradient-based search over logits from several starts."""
    best = None
    for start in range(5):
        z = rng.normal(size=n) if start else np.zeros(n)
        for _ in range(5):
            found = minimize(lambda z: f(np.exp(log_softmax(z))), z, method="BFGS", options={"gtol": 1e-12, "maxiter": 5000})
            z = found.x
        if best is None or found.fun < best.fun:
            best = found
    return np.exp(log_softmax(best.x)), best.fun


def kl(p, q):
    return float((p * np.log(p / q)).sum())


eq5 = []
for classes, sets in [
    (4, [[0, 1]]),
    (5, [[0, 1, 2], [2, 3]]),
    (6, [[0, 1], [1, 2, 3], [0, 4, 5]]),
    (5, []),
    (4, [[1, 2], [1, 2]]),
]:
    pg = distribution(classes)
    pm = [distribution(len(s) + 1) for s in sets]

    def total(q):
        sum_ = kl(pg, q)
        for s, p in zip(sets, pm):
            outside = [k for k in range(classes) if k not in s]
            sum_ += kl(p, np.append(q[s], q[outside].sum()))
        return sum_

    q, value = (pg, 0.0) if not sets else smallest(total, classes)
    eq5.append(
        {"generalist": pg.tolist(), "specialists": [{"classes": s, "probabilities": p.tolist()} for s, p in zip(sets, pm)], "q": q.tolist(), "value": value}
    )

weights = []
for members, classes, method in [(3, 4, "arithmetic"), (3, 4, "geometric"), (5, 3, "arithmetic"), (5, 3, "geometric")]:
    samples = 60
    labels = rng.integers(0, classes, size=samples)
    z = rng.normal(size=(samples, members, classes)) * 1.5
    z[np.arange(samples)[:, None], np.arange(members)[None, :], labels[:, None]] += rng.uniform(0, 3, size=members)
    z = np.float32(z).astype("float64")
    log_p = log_softmax(z)

    def nll(w):
        if method == "arithmetic":
            p = (w[None, :, None] * np.exp(log_p)).sum(axis=1)
            return -np.log(p[np.arange(samples), labels]).mean()
        return -log_softmax((w[None, :, None] * log_p).sum(axis=1))[np.arange(samples), labels].mean()

    best = None
    for start in range(4):
        w0 = np.full(members, 1 / members) if start == 0 else rng.dirichlet(np.ones(members))
        found = minimize(nll, w0, method="SLSQP", bounds=[(0, 1)] * members, constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-14, "maxiter": 2000})
        if best is None or found.fun < best.fun:
            best = found
    weights.append({"combine": method, "members": members, "classes": classes, "labels": labels.tolist(), "logits": z.ravel().tolist(), "nll": float(best.fun), "equal": float(nll(np.full(members, 1 / members)))})

z = np.float32(rng.normal(size=(40, 4)) * 2).astype("float64")
covariance = [{"logits": z.ravel().tolist(), "temperature": t, "covariance": np.cov(np.exp(log_softmax(z / t)), rowvar=False, bias=True).ravel().tolist()} for t in (1, 3)]

out = Path(__file__).resolve().parents[2] / "test/golden/specialists.json"
about = {"script": "scripts/golden/specialists.py", "numpy": np.__version__, "scipy": scipy.__version__}
out.write_text(json.dumps({"about": about, "eq5": eq5, "weights": weights, "covariance": covariance}) + "\n")
