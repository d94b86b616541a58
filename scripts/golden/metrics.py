"""Makes test/golden/metrics.json: classification metrics by scikit-learn and NumPy, in float64.

Run: /usr/bin/python3 scripts/golden/metrics.py   (Debian: python3-sklearn, python3-numpy)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

rng = np.random.default_rng(7)


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def reliability(p, labels, bins=15):
    """Guo et al. (2017), eq. 3, over bins (i/15, (i+1)/15]."""
    confidence, hit = p.max(axis=1), p.argmax(axis=1) == labels
    where = np.digitize(confidence, np.linspace(0, 1, bins + 1), right=True) - 1
    rows, error = [], 0.0
    for b in range(bins):
        inside = where == b
        n = int(inside.sum())
        mean = [float(confidence[inside].mean()), float(hit[inside].mean())] if n else [None, None]
        rows.append([n, *mean])
        if n:
            error += n / len(labels) * abs(mean[1] - mean[0])
    return error, rows


def case(samples, classes, scale, unused=0):
    """The last `unused` classes neither occur nor are named."""
    used = classes - unused
    labels = rng.integers(0, used, size=samples)
    z = rng.normal(size=(samples, classes))
    z[np.arange(samples), labels] += 1.2
    z[:, used:] = -20
    z = np.float32(z * scale)
    teacher = np.float32(z + rng.normal(size=z.shape))
    exact, exact_teacher = z.astype("float64"), teacher.astype("float64")
    named = exact.argmax(axis=1)
    log_q, log_p = log_softmax(exact), log_softmax(exact_teacher)
    every = list(range(classes))
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, named, labels=every, zero_division=np.nan
    )
    error, bins = reliability(np.exp(log_q), labels)
    blank = lambda values: [None if np.isnan(v) else float(v) for v in values]
    return {
        "classes": classes,
        "labels": labels.tolist(),
        "logits": z.ravel().tolist(),
        "teacher": teacher.ravel().tolist(),
        "accuracy": metrics.accuracy_score(labels, named),
        "topK": [
            float(metrics.top_k_accuracy_score(labels, exact, k=k, labels=every))
            for k in range(1, classes)
        ],
        "confusion": metrics.confusion_matrix(labels, named, labels=every).tolist(),
        "precision": blank(precision),
        "recall": blank(recall),
        "f1": blank(f1),
        "support": support.tolist(),
        "negativeLogLikelihood": float(-log_q[np.arange(samples), labels].mean()),
        "calibrationError": error,
        "bins": bins,
        "agreement": float((named == exact_teacher.argmax(axis=1)).mean()),
        "klToTeacher": float((np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()),
    }


def bootstrap(seeds, samples, first_rate, second_rate, resamples=20000):
    """Paired difference; seeds and samples resampled as two crossed factors."""
    hardness = rng.normal(size=samples)
    draw = lambda rate: ((rng.normal(size=(seeds, samples)) + hardness) / np.sqrt(2) < rate)
    first, second = draw(first_rate), draw(second_rate)
    d = first.astype(float) - second.astype(float)
    means = np.empty(resamples)
    for r in range(resamples):
        rows = rng.integers(0, seeds, size=seeds)
        columns = rng.integers(0, samples, size=samples)
        means[r] = d[np.ix_(rows, columns)].mean()
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "first": first.astype(int).tolist(),
        "second": second.astype(int).tolist(),
        "mean": float(d.mean()),
        "low": float(low),
        "high": float(high),
        "standardError": float(means.std(ddof=1)),
    }


values = np.sort(rng.normal(size=37))
curve = rng.uniform(size=12)
golden = {
    "numpy": np.__version__,
    "sklearn": sklearn.__version__,
    "seed": 7,
    "script": "scripts/golden/metrics.py",
    "cases": [case(60, 3, 1.0), case(80, 10, 2.5), case(50, 6, 8.0, unused=1), case(1, 3, 1.0)],
    "bootstrap": [bootstrap(5, 200, 1.3, 1.0), bootstrap(3, 120, 0.9, 1.0)],
    "quantiles": {
        "values": values.tolist(),
        "q": [0, 0.025, 0.3, 0.5, 0.975, 1],
        "expected": np.quantile(values, [0, 0.025, 0.3, 0.5, 0.975, 1]).tolist(),
    },
    "area": {"curve": curve.tolist(), "expected": float(np.trapezoid(curve) / (len(curve) - 1))},
}
target = Path(__file__).resolve().parents[2] / "test" / "golden" / "metrics.json"
target.write_text(json.dumps(golden) + "\n")
