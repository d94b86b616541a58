"""Makes test/golden/class-concentrations.json: concentrations of soft targets by class similarity,
and moments of Dirichlet distributions, by NumPy and SciPy in float64.

Nayak et al. (2019), Zero-Shot Knowledge Distillation in Deep Networks, section 3.1; a concentration
is at least 0.01, where the paper has 0.

Run: /usr/bin/python3 scripts/golden/class_concentrations.py   (Debian: python3-scipy, python3-numpy)
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


golden = {
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "similarity": [similarity_case(*sizes) for sizes in [(5, 3), (16, 10), (2, 2)]],
    "dirichlet": [moments(alpha) for alpha in [[1.0, 0.3, 0.01], [0.1, 0.05, 0.001, 0.02], [2.5, 1.0, 7.0]]],
}
file = Path(__file__).parents[2] / "test" / "golden" / "class-concentrations.json"
file.write_text(json.dumps(golden, indent=1) + "\n")
