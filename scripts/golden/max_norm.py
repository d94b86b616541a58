"""Max-norm by PyTorch's renorm, float64: test/golden/optim/max-norm.json.

Dense kernels are stored as [in, units], transposed convolutions as [in, out, kH, kW], others as [out, in, ...];
renorm takes the axis of the units. One case keeps every unit below the limit.

    python3 scripts/golden/max_norm.py        (PyTorch 2.6)
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
OUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "optim" / "max-norm.json"


def case(name, shape, axis, limit):
    kernel = (torch.randn(*shape) * 64).round() / 64
    limited = torch.renorm(kernel, 2, axis, limit)
    return {
        "name": name,
        "unitAxis": axis,
        "limit": limit,
        "shape": list(shape),
        "kernel": kernel.flatten().tolist(),
        "limited": limited.flatten().tolist(),
    }


def main():
    torch.manual_seed(5)
    cases = [
        case("dense", (4, 3), 1, 1.5),
        case("conv1d", (4, 3, 2), 0, 2.0),
        case("conv1d, depthwise", (5, 1, 3), 0, 1.5),
        case("conv1d, all below", (2, 3, 2), 0, 50.0),
        case("conv2d", (3, 2, 2, 3), 0, 3.0),
        case("convTranspose2d", (2, 3, 2, 2), 1, 2.5),
    ]
    head = {"torch": torch.__version__, "script": pathlib.Path(__file__).name}
    body = ",\n".join(json.dumps(one) for one in cases)
    OUT.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + body + "\n]}\n")


if __name__ == "__main__":
    main()
