"""Makes test/golden/safetensors/*: files written by the ordinary Python library, and what they hold.

Run: /usr/bin/python3 scripts/golden/safetensors_golden.py   (Debian: python3-safetensors, python3-numpy)
"""

import json
from pathlib import Path

import numpy
import safetensors
from safetensors.numpy import save

folder = Path(__file__).resolve().parents[2] / "test" / "golden" / "safetensors"
folder.mkdir(parents=True, exist_ok=True)

dtypes = {
    "float32": "float32",
    "float64": "float64",
    "float16": "float16",
    "int8": "int8",
    "uint8": "uint8",
    "int32": "int32",
    "uint32": "uint32",
    "int64": "int64",
    "bool": "bool",
}
extremes = {
    "float32": [0.1, -3.4028235e38, 1e-45],
    "float64": [0.1, -1.7e308, 5e-324],
    "float16": [0.1, -65504, 6e-8],
    "int8": [-128, 127, 1],
    "uint8": [0, 255, 1],
    "int32": [-(2**31), 2**31 - 1, 1],
    "uint32": [0, 2**32 - 1, 1],
    "int64": [-(2**63), 2**63 - 1, 1],
    "bool": [True, False, True],
}
tensors = {f"x.{name}": numpy.array(extremes[name], dtype=kind) for name, kind in dtypes.items()}
tensors["matrix"] = numpy.arange(6, dtype="float32").reshape(2, 3) / 7
tensors["odd"] = numpy.arange(5, dtype="uint8")
tensors["scalar"] = numpy.array(2.5, dtype="float32")
tensors["empty"] = numpy.zeros((0, 4), dtype="int32")
tensors['quoted "name" é'] = numpy.array([1, 2], dtype="float16")

described = {
    name: {
        "dtype": str(array.dtype),
        "shape": list(array.shape),
        "hex": array.tobytes().hex(),
    }
    for name, array in tensors.items()
}
(folder / "numpy.safetensors").write_bytes(save(tensors))
(folder / "numpy-metadata.safetensors").write_bytes(
    save({"odd": tensors["odd"]}, metadata={"made by": "numpy"})
)
(folder / "numpy.json").write_text(
    json.dumps(
        {
            "safetensors": safetensors.__version__,
            "numpy": numpy.__version__,
            "script": "scripts/golden/safetensors_golden.py",
            "tensors": described,
        },
        indent=1,
    )
    + "\n"
)
