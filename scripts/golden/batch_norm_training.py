"""Golden values of batch normalisation in training: PyTorch's BatchNorm1d and BatchNorm2d in float64.

    python3 scripts/golden/batch_norm_training.py test/golden/batch-norm-training.json

Each case: x, scale, bias, a cotangent, then y, the gradients of sum(y * cotangent), and the running statistics after
two steps with momentum 0.1 from mean 0 and variance 1, the second step on 2 x + 1.
"""

import hashlib
import json
import pathlib
import sys

import torch

torch.set_num_threads(1)
SEED = 20151167


def plain(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().flatten().tolist()}


def case(name, shape, epsilon, offset):
    rand = lambda *size: torch.rand(size, dtype=torch.float32).double()  # float32 holds every input
    channels = shape[1]
    x = (rand(*shape) * 4 + offset).float().double().requires_grad_()
    scale, bias, cotangent = rand(channels) + 0.5, rand(channels) - 0.5, rand(*shape)
    module = torch.nn.BatchNorm1d if len(shape) < 4 else torch.nn.BatchNorm2d
    layer = module(channels, eps=epsilon, momentum=0.1, dtype=torch.float64)
    layer.weight.data, layer.bias.data = scale.float().double(), bias.float().double()
    y = layer(x)
    (y * cotangent).sum().backward()
    layer(2 * x.detach() + 1)
    return {
        "name": name,
        "epsilon": epsilon,
        "momentum": 0.1,
        "x": plain(x),
        "scale": plain(layer.weight),
        "bias": plain(layer.bias),
        "cotangent": plain(cotangent),
        "y": plain(y),
        "gradients": [plain(t.grad) for t in (x, layer.weight, layer.bias)],
        "runningMean": plain(layer.running_mean),
        "runningVariance": plain(layer.running_var),
    }


def main():
    torch.manual_seed(SEED)
    file = {
        "provenance": {
            "software": f"PyTorch {torch.__version__}, float64, 1 thread",
            "script": "scripts/golden/batch_norm_training.py",
            "scriptSha256": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
            "seed": SEED,
        },
        "cases": [
            case("images", [2, 3, 4, 3], 2**-16, -2),
            case("features", [6, 4], 2**-16, -2),
            case("sequences", [2, 3, 5], 2**-10, 0),
            case("a mean much larger than the deviation", [4, 2, 3, 3], 2**-16, 1000),
            case("two elements a channel", [2, 3], 2**-10, -1),
        ],
    }
    pathlib.Path(sys.argv[1]).write_text(json.dumps(file, indent=1) + "\n")


if __name__ == "__main__":
    main()
