"""Golden values of the model families: each restated in PyTorch, in float64, with the same weights.

    python3 scripts/golden/families.py test/golden/families.json

Weights, inputs and cotangents come from a formula on whole numbers that the test repeats, so the file holds results
only: parameter names and shapes, logits in inference and training mode, and for each trained parameter one number, the
gradient's product with a fixed direction. Also parameter counts of the MLPerf Tiny models, counted by PyTorch's modules
built with the reference models' biases.
"""

import hashlib
import json
import math
import pathlib
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


def pattern(name, count):
    """Numbers in [-0.5, 0.5), a function of name and place."""
    key = sum((place + 1) * ord(letter) for place, letter in enumerate(name)) % 10_007
    places = numpy.arange(count, dtype=numpy.int64)
    return (places * 7_919 + key * 104_729) % 2_003 / 2_003 - 0.5


def start(name, shape):
    count = math.prod(shape)
    value, kind = pattern(name, count), name.split("/")[-1]
    if kind in ("scale", "variance"):
        value = value + 1
    elif kind not in ("offset", "mean") and not kind.lower().endswith("bias"):
        value = value * 3 / math.sqrt(count / max(shape))
    return torch.from_numpy(value.astype(numpy.float32).astype(numpy.float64)).reshape(shape)


class Parameters:
    """Makes each parameter when it is first asked for."""

    def __init__(self):
        self.values = {}

    def __call__(self, name, *shape):
        if name not in self.values:
            value = start(name, shape)
            statistic = name.split("/")[-1] in ("mean", "variance")
            self.values[name] = value if statistic else value.requires_grad_()
        assert list(self.values[name].shape) == list(shape), name
        return self.values[name]


class Model:
    """Layers by path, on shared parameters; `training` picks the batch's statistics."""

    def __init__(self, parameters, training):
        self.p, self.training = parameters, training

    def norm(self, path, x):
        c = x.shape[1]
        scale, offset = self.p(f"{path}/scale", c), self.p(f"{path}/offset", c)
        mean, variance = self.p(f"{path}/mean", c), self.p(f"{path}/variance", c)
        return F.batch_norm(x, mean.clone(), variance.clone(), scale, offset, self.training, 0.1, 1e-5)

    def conv(self, path, x, channels, size=(3, 3), stride=(1, 1), groups=1, bias=False):
        kernel = self.p(f"{path}/kernel", channels, x.shape[1] // groups, *size)
        pads = []
        for length, k, s in reversed(list(zip(x.shape[2:], size, stride))):
            missing = max(0, (math.ceil(length / s) - 1) * s + k - length)
            pads += [missing // 2, missing - missing // 2]
        return F.conv2d(F.pad(x, pads), kernel, self.p(f"{path}/bias", channels) if bias else None, stride, groups=groups)

    def dense(self, path, x, units):
        return x @ self.p(f"{path}/kernel", x.shape[-1], units) + self.p(f"{path}/bias", units)

    def layer_norm(self, path, x):
        w = x.shape[-1]
        return F.layer_norm(x, (w,), self.p(f"{path}/scale", w), self.p(f"{path}/offset", w), 1e-5)


def resnet8(m, x, spec, classes):
    width = spec["width"]
    x = F.relu(m.norm("norm", m.conv("conv", x, width)))
    for number, stride in ((1, 1), (2, 2), (3, 2)):
        path, channels = f"block{number}", width * 2 ** (number - 1)
        y = F.relu(m.norm(f"{path}/norm1", m.conv(f"{path}/conv1", x, channels, stride=(stride, stride))))
        y = m.norm(f"{path}/norm2", m.conv(f"{path}/conv2", y, channels))
        if stride > 1:
            x = m.conv(f"{path}/shortcut", x, channels, (1, 1), (stride, stride), bias=True)
        x = F.relu(x + y)
    return m.dense("output", x.mean((2, 3)), classes)


def separable(m, path, x, outputs, stride=1):
    c = x.shape[1]
    x = F.relu(m.norm(f"{path}/norm1", m.conv(f"{path}/depthwise", x, c, (3, 3), (stride, stride), groups=c)))
    return F.relu(m.norm(f"{path}/norm2", m.conv(f"{path}/pointwise", x, outputs, (1, 1))))


def ds_cnn(m, x, spec, classes):
    x = F.relu(m.norm("norm", m.conv("conv", x, spec["channels"], tuple(spec["kernel"]), (2, 2))))
    for number in range(spec["blocks"]):
        x = separable(m, f"block{number + 1}", x, spec["channels"])
    return m.dense("output", x.mean((2, 3)), classes)


MOBILE = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]


def mobile_net_v1(m, x, spec, classes):
    scaled = lambda channels: int(channels * spec["width"])
    x = F.relu(m.norm("norm", m.conv("conv", x, scaled(32), stride=(2, 2))))
    for number, (channels, stride) in enumerate(MOBILE):
        x = separable(m, f"block{number + 1}", x, scaled(channels), stride)
    return m.dense("output", x.mean((2, 3)), classes)


def autoencoder(m, x, spec, classes):
    size = x.shape[1]
    names = [f"encoder{i + 1}" for i in range(len(spec["hidden"]))]
    mirror = [f"decoder{i + 1}" for i in range(len(spec["hidden"]))]
    units = [*spec["hidden"], spec["bottleneck"], *reversed(spec["hidden"])]
    for path, count in zip([*names, "bottleneck", *mirror], units):
        x = F.relu(m.norm(f"{path}Norm", m.dense(path, x, count)))
    return m.dense("output", x, size)


def gru_states(m, path, x, units):
    """PyTorch's own GRU; its recurrent biases of reset and update gate are zero."""
    gates, features = ("reset", "update", "candidate"), x.shape[-1]
    kernel = torch.cat([m.p(f"{path}/{g}Kernel", features, units) for g in gates], 1).T
    recurrent = torch.cat([m.p(f"{path}/{g}RecurrentKernel", units, units) for g in gates], 1).T
    bias = torch.cat([m.p(f"{path}/{g}Bias", units) for g in gates])
    zero = torch.zeros(2 * units, dtype=torch.float64)
    recurrent_bias = torch.cat([zero, m.p(f"{path}/candidateRecurrentBias", units)])
    first = torch.zeros(1, x.shape[0], units, dtype=torch.float64)
    return torch.gru(x, first, [kernel, recurrent, bias, recurrent_bias], True, 1, 0.0, True, False, True)[0]


def gru(m, x, spec, classes):
    for level, units in enumerate(spec["units"]):
        x = gru_states(m, f"gru/level{level + 1}", x, units)
    return m.dense("output", x.mean(1) if spec.get("pooling") == "mean" else x[:, -1], classes)


def tcn(m, x, spec, classes):
    x, k = x.transpose(1, 2), spec["kernel"]  # [batch, features, time]
    for number, channels in enumerate(spec["channels"]):
        path, dilation = f"block{number + 1}", 2**number
        reach = (k - 1) * dilation
        pads = (reach, 0) if spec.get("causal", True) else (reach // 2, reach - reach // 2)

        def conv(name, y):
            kernel = m.p(f"{path}/{name}/kernel", channels, y.shape[1], k)
            return F.conv1d(F.pad(y, pads), kernel, dilation=dilation)

        y = F.relu(m.norm(f"{path}/norm1", conv("conv1", x)))
        y = m.norm(f"{path}/norm2", conv("conv2", y))
        if x.shape[1] != channels:
            kernel = m.p(f"{path}/shortcut/kernel", channels, x.shape[1], 1)
            x = F.conv1d(x, kernel, m.p(f"{path}/shortcut/bias", channels))
        x = F.relu(x + y)
    return m.dense("output", x[:, :, -1] if spec.get("pooling") == "last" else x.mean(2), classes)


def tiny_transformer(m, tokens, spec, classes):
    width, heads, padding = spec["width"], spec["heads"], spec.get("padding")
    real = torch.ones_like(tokens, dtype=torch.bool) if padding is None else tokens != padding
    x = m.p("embedding/table", spec["vocabulary"], width)[tokens] + m.p("positions/table", tokens.shape[1], width)
    for number in range(spec["layers"]):
        path = f"layer{number + 1}"
        y = m.layer_norm(f"{path}/attention/norm", x)
        w = {n: m.p(f"{path}/attention/heads/{n}Kernel", width, width) for n in ("query", "key", "value", "output")}
        b = {n: m.p(f"{path}/attention/heads/{n}Bias", width) for n in ("query", "key", "value", "output")}
        # PyTorch's own multi-head attention: [positions, batch, width], kernels transposed and joined
        y, _ = F.multi_head_attention_forward(
            *([y.transpose(0, 1)] * 3), width, heads,
            torch.cat([w[n].T for n in ("query", "key", "value")]),
            torch.cat([b[n] for n in ("query", "key", "value")]),
            None, None, False, 0.0, w["output"].T, b["output"], key_padding_mask=~real, need_weights=False,
        )
        x = x + y.transpose(0, 1)
        y = m.layer_norm(f"{path}/feedForward/norm", x)
        y = F.gelu(m.dense(f"{path}/feedForward/expand", y, spec["feedForward"]))
        x = x + m.dense(f"{path}/feedForward/project", y, width)
    x = m.layer_norm("norm", x)
    weights = real.double()[:, :, None]
    return m.dense("output", (x * weights).sum(1) / weights.sum(1), classes)


FAMILIES = {
    "resnet8": resnet8,
    "dsCnn": ds_cnn,
    "mobileNetV1": mobile_net_v1,
    "autoencoder": autoencoder,
    "gru": gru,
    "tcn": tcn,
    "tinyTransformer": tiny_transformer,
}


def case(name, batch, input_shape, classes, **spec):
    count = batch * math.prod(input_shape)
    if spec["family"] == "tinyTransformer":
        ids = numpy.floor((pattern("input", count) + 0.5) * spec["vocabulary"]).astype(numpy.int64)
        x = torch.from_numpy(ids).reshape(batch, *input_shape)
        if "padding" in spec:
            x[0, 4:] = spec["padding"]
    else:
        numbers = (pattern("input", count) * 2).astype(numpy.float32).astype(numpy.float64)
        x = torch.from_numpy(numbers).reshape(batch, *input_shape)
    parameters = Parameters()
    run = lambda training: FAMILIES[spec["family"]](Model(parameters, training), x, spec, classes)
    inference, training = run(False), run(True)
    cotangent = torch.from_numpy(pattern("cotangent", training.numel())).reshape(training.shape)
    (training * cotangent).sum().backward()
    listed = {}
    for path, value in parameters.values.items():
        entry = {"shape": list(value.shape)}
        if value.requires_grad:
            direction = torch.from_numpy(pattern(f"direction {path}", value.numel())).reshape(value.shape)
            entry["gradientAlong"] = float((value.grad * direction).sum())
            entry["gradientNorm"] = float(value.grad.norm())
        listed[path] = entry
    return {
        "name": name, "spec": spec, "batch": batch, "inputShape": list(input_shape), "classes": classes,
        "input": x.flatten().tolist() if x.dtype == torch.int64 else None,
        "inference": inference.detach().flatten().tolist(),
        "training": training.detach().flatten().tolist(),
        "parameters": listed,
    }


def sizes():
    """Parameters of the reference models as Keras counts them: biases everywhere, statistics included."""

    def conv(i, o, k, groups=1):
        return [nn.Conv2d(i, o, k, groups=groups), nn.BatchNorm2d(o)]

    def separable_modules(i, o):
        return [*conv(i, i, 3, i), *conv(i, o, 1)]

    mobile, last = [*conv(3, 8, 3)], 8
    for channels, _ in MOBILE:
        mobile += separable_modules(last, channels // 4)
        last = channels // 4
    modules = {
        "resnet8": [
            *conv(3, 16, 3), *conv(16, 16, 3), *conv(16, 16, 3), *conv(16, 32, 3), *conv(32, 32, 3),
            nn.Conv2d(16, 32, 1), *conv(32, 64, 3), *conv(64, 64, 3), nn.Conv2d(32, 64, 1), nn.Linear(64, 10),
        ],
        "dsCnn": [*conv(1, 64, (10, 4)), *(s for _ in range(4) for s in separable_modules(64, 64)), nn.Linear(64, 12)],
        "mobileNetV1": [*mobile, nn.Linear(256, 2)],
        "autoencoder": [
            module
            for i, o in [(640, 128)] + [(128, 128)] * 3 + [(128, 8), (8, 128)] + [(128, 128)] * 3
            for module in (nn.Linear(i, o), nn.BatchNorm1d(o))
        ] + [nn.Linear(128, 640)],
        "gru": [nn.GRU(40, 128, 2), nn.Linear(128, 12)],
    }
    result = {}
    for name, parts in modules.items():
        statistics = sum(2 * p.num_features for p in parts if hasattr(p, "num_features"))
        cancelled = sum(
            a.bias.numel() for a, b in zip(parts, parts[1:]) if isinstance(b, nn.BatchNorm2d)
        )
        trained = sum(t.numel() for p in parts for t in p.parameters())
        result[name] = {"all": trained + statistics, "statistics": statistics, "cancelledBiases": cancelled}
    return result


def main():
    cases = [
        case("resnet8", 3, (3, 8, 8), 3, family="resnet8", width=4),
        case("resnet8, odd sizes", 2, (1, 9, 7), 2, family="resnet8", width=2),
        case("dsCnn", 3, (1, 13, 6), 3, family="dsCnn", channels=4, blocks=2, kernel=[4, 3]),
        case("mobileNetV1", 3, (3, 64, 64), 2, family="mobileNetV1", width=0.0625),
        case("autoencoder", 6, (10,), 2, family="autoencoder", hidden=[6, 5], bottleneck=3),
        case("gru", 3, (6, 5), 3, family="gru", units=[4, 3]),
        case("gru, mean of states", 2, (4, 3), 2, family="gru", units=[3], pooling="mean"),
        case("tcn", 3, (9, 5), 3, family="tcn", channels=[4, 4, 6], kernel=3),
        case("tcn, looking ahead, last step", 2, (8, 3), 2, family="tcn", channels=[3], kernel=3, causal=False, pooling="last"),
        case("tinyTransformer", 2, (7,), 3, family="tinyTransformer", vocabulary=11, width=8, heads=2, layers=2, feedForward=12),
        case("tinyTransformer, padding", 3, (7,), 2, family="tinyTransformer", vocabulary=9, width=6, heads=3, layers=1, feedForward=8, padding=0),
    ]
    provenance = {
        "software": f"PyTorch {torch.__version__}, NumPy {numpy.__version__}, float64, 1 thread",
        "script": "scripts/golden/families.py",
        "scriptSha256": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
        "seed": "none: numbers come from a formula",
    }
    head = json.dumps({"provenance": provenance, "sizes": sizes()}, indent=1)[:-2]
    lines = ",\n".join(json.dumps(entry) for entry in cases)
    pathlib.Path(sys.argv[1]).write_text(head + ',\n "cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main()
