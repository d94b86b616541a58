"""Makes test/golden/data-free.json by NumPy and SciPy, in float64: concentrations of soft targets by
class similarity, moments of Dirichlet distributions, smoothed images, and how far a batch is from
the statistics that batch normalisation has kept.

Nayak et al. (2019), Zero-Shot Knowledge Distillation in Deep Networks, section 3.1; a concentration
is at least 0.01, where the paper has 0.

Run: /usr/bin/python3 scripts/golden/data_free.py   (Debian: python3-scipy, python3-numpy)
"""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy.special import digamma, polygamma

rng = np.random.default_rng(11)


def concentrations(kernel):
    unit = kernel / np.linalg.norm(kernel, axis=0)
    alike = unit.T @ unit
    low = alike.min(axis=1, keepdims=True)
    high = alike.max(axis=1, keepdims=True)
    return np.maximum((alike - low) / (high - low), 0.01)


def similarity_case(features, classes):
    kernel = rng.normal(size=(features, classes)).astype(np.float32)
    return {
        "classes": classes,
        "kernel": kernel.ravel().tolist(),
        "concentrations": concentrations(kernel.astype(np.float64)).tolist(),
    }


def moments(alpha):
    """Of y and of ln y; variances too, for the tolerance of a sample mean."""
    alpha = np.asarray(alpha)
    total = alpha.sum()
    return {
        "alpha": alpha.tolist(),
        "mean": (alpha / total).tolist(),
        "variance": (alpha * (total - alpha) / (total**2 * (total + 1))).tolist(),
        "logMean": (digamma(alpha) - digamma(total)).tolist(),
        "logVariance": (polygamma(1, alpha) - polygamma(1, total)).tolist(),
    }


def smoothed_case(channels, height, width, blur):
    """Every pixel as a weighted sum over the whole image, weights divided by the root of the sum of
    their squares; then cut to 0 ... 1."""
    image = rng.uniform(size=(channels, height, width)).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width]
    out = np.empty(image.shape)
    for row in range(height):
        for column in range(width):
            weight = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * blur**2))
            weight /= np.sqrt((weight**2).sum())
            out[:, row, column] = 0.5 + ((image.astype(np.float64) - 0.5) * weight).sum(axis=(1, 2))
    out = np.clip(out, 0, 1)
    return {"shape": list(image.shape), "blur": blur, "image": image.ravel().tolist(), "smoothed": out.ravel().tolist()}


def statistics_case(shape):
    """KL(batch || running) of a normal distribution for each channel, mean over channels; variances
    with 1e-5 added, as batch normalisation has it."""
    x = rng.normal(0.3, 1.7, size=shape).astype(np.float32)
    mean = rng.normal(size=shape[1]).astype(np.float32)
    variance = rng.uniform(0.5, 3, size=shape[1]).astype(np.float32)
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    m, v = x.astype(np.float64).mean(axis=axes), x.astype(np.float64).var(axis=axes)
    v, kept = v + 1e-5, variance.astype(np.float64) + 1e-5
    kl = 0.5 * (v / kept + (m - mean) ** 2 / kept - 1 - np.log(v / kept))
    inputs = {"x": x.ravel().tolist(), "mean": mean.tolist(), "variance": variance.tolist()}
    return {"shape": list(shape), **inputs, "divergence": float(kl.mean())}


golden = {
    "smoothed": [smoothed_case(1, 5, 4, 0.8), smoothed_case(2, 3, 6, 2.0)],
    "statistics": [statistics_case((6, 3, 2, 4)), statistics_case((8, 2))],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "similarity": [similarity_case(*sizes) for sizes in [(5, 3), (16, 10), (2, 2)]],
    "dirichlet": [moments(alpha) for alpha in [[1.0, 0.3, 0.01], [0.1, 0.05, 0.001, 0.02], [2.5, 1.0, 7.0]]],
}
file = Path(__file__).parents[2] / "test" / "golden" / "data-free.json"
file.write_text(json.dumps(golden, indent=1) + "\n")
