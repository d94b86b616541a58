"""Golden values of src/engine/ops/compositions: PyTorch in float64, and NumPy for mel filters.

    python3 scripts/golden/compositions.py test/golden/compositions

It needs PyTorch and NumPy (Debian: python3-torch, python3-numpy). Each file: cases with inputs, options, the value, a
cotangent, and the gradients of sum(value * cotangent) for the float inputs.
"""

import hashlib
import json
import math
import pathlib
import sys

import numpy
import torch
from torch.nn import functional

torch.set_num_threads(1)
SEED = 20170612


def rand(*shape, low=-1.0, high=1.0):
    """Float64 numbers that float32 holds."""
    return (torch.rand(shape, dtype=torch.float32) * (high - low) + low).double()


def plain(tensor):
    dtype = {torch.float64: "float32", torch.bool: "bool"}[tensor.dtype]
    data = [int(x) if tensor.dtype == torch.bool else x for x in tensor.detach().flatten().tolist()]
    return {"dtype": dtype, "shape": list(tensor.shape), "data": data}


def case(name, f, inputs, **options):
    """f(**inputs) -> value; options go to the file for the composition under test."""
    leaves = {key: t if t.dtype == torch.bool else t.requires_grad_() for key, t in inputs.items()}
    value = f(**leaves)
    cotangent = rand(*value.shape, low=0.5, high=1.5)
    (value * cotangent).sum().backward()
    return {
        "name": name,
        "options": options,
        "inputs": {key: plain(t) for key, t in leaves.items()},
        "value": plain(value),
        "cotangent": plain(cotangent),
        "gradients": {key: plain(t.grad) for key, t in leaves.items() if t.grad is not None},
    }


def layer_normalization():
    def over(axes, epsilon):
        return lambda x, scale, bias: functional.layer_norm(x, scale.shape, scale, bias, epsilon)

    def inputs(shape, axes, offset=0.0):
        return {"x": (rand(*shape) + offset).float().double(), "scale": rand(*shape[-axes:]) + 1, "bias": rand(*shape[-axes:])}

    eps = 2**-16
    return [
        case("tokens", over(1, eps), inputs([2, 3, 8], 1), epsilon=eps),
        case("two axes", over(2, eps), inputs([2, 3, 4], 2), epsilon=eps),
        case("a large mean", over(1, 2**-10), inputs([4, 6], 1, 512.0), epsilon=2**-10),
        case("one element", over(1, 2**-10), inputs([3, 1], 1), epsilon=2**-10),
    ]


def group_normalization():
    def one(name, shape, groups):
        eps = 2**-16
        f = lambda x, scale, bias: functional.group_norm(x, groups, scale, bias, eps)
        channels = shape[1]
        inputs = {"x": rand(*shape, low=-2, high=2), "scale": rand(channels) + 1, "bias": rand(channels)}
        return case(name, f, inputs, groups=groups, epsilon=eps)

    return [
        one("images in groups", [2, 6, 3, 2], 3),
        one("one group", [2, 4, 5], 1),
        one("each channel alone", [2, 4, 3, 3], 4),
        one("features", [3, 6], 2),
    ]


def activations():
    x = lambda: {"x": rand(3, 8, low=-4, high=4)}
    tails = lambda: {"x": torch.tensor([-1000.0, -20.0, -6.5, 0.0, 6.5, 20.0, 1000.0], dtype=torch.float64)}
    table = {
        "gelu": (lambda x: functional.gelu(x), {}),
        "gelu tanh": (lambda x: functional.gelu(x, approximate="tanh"), {"form": "tanh"}),
        "silu": (lambda x: functional.silu(x), {}),
        "hardSigmoid": (lambda x: functional.hardsigmoid(x), {}),
        "hardSwish": (lambda x: functional.hardswish(x), {}),
    }
    return [
        case(f"{name}: {kind}", f, inputs(), activation=name.split()[0], **options)
        for name, (f, options) in table.items()
        for kind, inputs in {"matrix": x, "tails": tails}.items()
    ]


def conv1d():
    def one(name, x, kernel, bias=True, padding="valid", stride=1, dilation=1, groups=1):
        length, reach = x[2], (kernel[2] - 1) * dilation + 1
        missing = max(0, (math.ceil(length / stride) - 1) * stride + reach - length)
        start, end = {
            "valid": (0, 0),
            "same": (missing // 2, missing - missing // 2),
            "causal": (reach - 1, 0),
        }.get(padding) or padding if isinstance(padding, str) else padding

        def f(x, kernel, bias=None):
            return functional.conv1d(functional.pad(x, (start, end)), kernel, bias, stride, 0, dilation, groups)

        inputs = {"x": rand(*x), "kernel": rand(*kernel)}
        if bias:
            inputs["bias"] = rand(kernel[0])
        return case(name, f, inputs, padding=padding, stride=stride, dilation=dilation, groups=groups)

    return [
        one("plain", [2, 3, 9], [4, 3, 3]),
        one("same, stride 2", [2, 3, 9], [2, 3, 4], padding="same", stride=2),
        one("causal, dilated", [2, 2, 8], [3, 2, 3], padding="causal", dilation=2),
        one("depthwise, uneven padding, no bias", [1, 4, 6], [4, 1, 3], False, [2, 1], groups=4),
        one("a kernel of one", [2, 3, 4], [2, 3, 1]),
    ]


def conv_transpose_2d():
    def one(name, x, kernel, bias=True, strides=(1, 1), padding=(0, 0), extra=(0, 0), dilations=(1, 1), groups=1):
        def f(x, kernel, bias=None):
            return functional.conv_transpose2d(x, kernel, bias, strides, padding, extra, groups, dilations)

        inputs = {"x": rand(*x), "kernel": rand(*kernel)}
        if bias:
            inputs["bias"] = rand(kernel[1] * groups)
        return case(
            name, f, inputs, strides=list(strides), padding=[*padding, *padding], outputPadding=list(extra),
            dilations=list(dilations), groups=groups,
        )

    return [
        one("plain", [2, 3, 3, 4], [3, 2, 3, 2]),
        one("doubling", [2, 3, 3, 4], [3, 2, 3, 3], strides=(2, 2), padding=(1, 1), extra=(1, 1)),
        one("groups, dilated, no bias", [1, 4, 3, 3], [4, 2, 2, 2], False, (2, 1), (0, 1), dilations=(1, 2), groups=2),
        one("one pixel", [2, 3, 1, 1], [3, 4, 4, 4]),
    ]


def attention():
    def inputs(lead, queries, keys, width, value_width):
        return {
            "query": rand(*lead, queries, width, low=-2, high=2),
            "key": rand(*lead, keys, width, low=-2, high=2),
            "value": rand(*lead, keys, value_width),
        }

    def attend(**options):
        return lambda query, key, value, mask=None: functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, **options
        )

    padding = torch.tensor([[1, 1, 1, 0], [1, 0, 0, 0]], dtype=torch.bool).reshape(2, 1, 1, 4)
    grid = torch.tensor([[1, 0, 1], [0, 1, 0]], dtype=torch.bool)

    def causal_and_padding(query, key, value, mask):
        both = mask & torch.ones(4, 4, dtype=torch.bool).tril()
        return functional.scaled_dot_product_attention(query, key, value, attn_mask=both)

    return [
        case("heads", attend(), inputs([2, 2], 4, 4, 3, 3)),
        case("queries and keys of other numbers, widths", attend(), inputs([2], 3, 5, 4, 2)),
        case("causal", attend(is_causal=True), inputs([2, 1], 4, 4, 3, 3), causal=True),
        case("padding mask", attend(), {**inputs([2, 2], 4, 4, 3, 3), "mask": padding}),
        case("mask of pairs", attend(), {**inputs([2], 2, 3, 3, 3), "mask": grid}),
        case("causal and padding", causal_and_padding, {**inputs([2, 2], 4, 4, 3, 3), "mask": padding}, causal=True),
        case("scale", attend(scale=0.25), inputs([2], 3, 3, 4, 4), scale=0.25),
    ]


GATES = ("reset", "update", "candidate")


def gru():
    def weights(features, units, recurrent_bias):
        result = {}
        for gate in GATES:
            result[f"{gate}Kernel"] = rand(features, units)
            result[f"{gate}RecurrentKernel"] = rand(units, units)
            result[f"{gate}Bias"] = rand(units)
            if gate in recurrent_bias:
                result[f"{gate}RecurrentBias"] = rand(units)
        return result

    def join(w, name):
        zero = torch.zeros_like(w["resetBias"])
        parts = [w.get(f"{gate}{name}", zero) for gate in GATES]
        return torch.cat([part.T if part.dim() == 2 else part for part in parts])

    def torch_gru(x, initial=None, **w):
        """PyTorch's own operator, weights joined as it wants them: x [batch, time, features] -> all states."""
        start = torch.zeros(1, x.shape[0], w["resetBias"].shape[0], dtype=x.dtype) if initial is None else initial[None]
        flat = [join(w, "Kernel"), join(w, "RecurrentKernel"), join(w, "Bias"), join(w, "RecurrentBias")]
        return torch.gru(x, start, flat, True, 1, 0.0, True, False, True)[0]

    def paper_gru(x, initial=None, **w):
        """ONNX's linear_before_reset = 0, from its specification."""
        h = torch.zeros(x.shape[0], w["resetBias"].shape[0], dtype=x.dtype) if initial is None else initial
        zero = torch.zeros_like(w["resetBias"])
        rb = {gate: w.get(f"{gate}RecurrentBias", zero) for gate in GATES}
        states = []
        for t in range(x.shape[1]):
            gate = lambda g, s: x[:, t] @ w[f"{g}Kernel"] + w[f"{g}Bias"] + s @ w[f"{g}RecurrentKernel"] + rb[g]
            r, z = torch.sigmoid(gate("reset", h)), torch.sigmoid(gate("update", h))
            n = torch.tanh(gate("candidate", r * h))
            h = (1 - z) * n + z * h
            states.append(h)
        return torch.stack(states, 1)

    x = lambda: {"x": rand(3, 5, 4)}
    state = lambda: {"initial": rand(3, 2)}
    return [
        case("from zero", torch_gru, {**x(), **weights(4, 2, ["candidate"])}),
        case("all recurrent biases, a first state", torch_gru, {**x(), **state(), **weights(4, 2, GATES)}),
        case("no recurrent bias", torch_gru, {**x(), **weights(4, 2, [])}),
        case("one step", torch_gru, {"x": rand(2, 1, 3), "initial": rand(2, 2), **weights(3, 2, ["candidate"])}),
        case("reset before the product", paper_gru, {**x(), **state(), **weights(4, 2, GATES)}, linearBeforeReset=False),
        case("reset before the product, from zero", paper_gru, {**x(), **weights(4, 2, [])}, linearBeforeReset=False),
        case("the same, a recurrent bias", paper_gru, {**x(), **weights(4, 2, ["candidate"])}, linearBeforeReset=False),
    ]


def mel_points(scale, hertz):
    """Both scales from their definitions, Slaney's by interpolation in its two parts."""
    if scale == "htk":
        return 1127.0 * numpy.log1p(numpy.asarray(hertz) / 700.0)
    linear = numpy.asarray(hertz) * 3 / 200
    octave = 15 + 27 * numpy.log(numpy.maximum(hertz, 1e-9) / 1000.0) / numpy.log(6.4)
    return numpy.where(numpy.asarray(hertz) < 1000, linear, octave)


def mel_filter_matrix(rate, size, mels, low, high, scale, norm):
    grid = numpy.linspace(0, rate / 2, 200_001)
    edges_mel = numpy.linspace(mel_points(scale, low), mel_points(scale, high), mels + 2)
    edges = numpy.interp(edges_mel, mel_points(scale, grid), grid)
    for _ in range(3):  # secant steps to float64: the inverse, without its formula
        step = 1e-3
        slope = (mel_points(scale, edges + step) - mel_points(scale, numpy.maximum(edges - step, 0))) / (
            edges + step - numpy.maximum(edges - step, 0)
        )
        edges = numpy.maximum(edges - (mel_points(scale, edges) - edges_mel) / slope, 0)
    bins = numpy.fft.rfftfreq(size, 1 / rate)
    rows = [numpy.interp(bins, edges[m : m + 3], [0, 1, 0], left=0, right=0) for m in range(mels)]
    matrix = numpy.array(rows)
    if norm == "slaney":
        matrix *= (2 / (edges[2:] - edges[:-2]))[:, None]
    return matrix


MEL = [
    ("htk", {"sampleRate": 16000, "fftSize": 256, "mels": 16, "lowFrequency": 20, "highFrequency": 4000}),
    ("slaney", {"sampleRate": 16000, "fftSize": 256, "mels": 16, "melScale": "slaney", "normalization": "slaney"}),
    ("ten bands", {"sampleRate": 8000, "fftSize": 64, "mels": 10, "melScale": "slaney"}),
]


def matrix_of(options):
    return mel_filter_matrix(
        options["sampleRate"], options["fftSize"], options["mels"], options.get("lowFrequency", 0),
        options.get("highFrequency", options["sampleRate"] / 2), options.get("melScale", "htk"),
        options.get("normalization", "none"),
    )


def mel_filters():
    return [
        {"name": name, "options": options, "value": plain(torch.from_numpy(matrix_of(options)))}
        for name, options in MEL
    ]


def power(x, options):
    """By PyTorch's fast Fourier transform of the frames."""
    length = options["frameLength"]
    t = torch.arange(length, dtype=torch.float64)
    window = torch.sin(math.pi * t / length) ** 2 if options.get("window", "hann") == "hann" else torch.ones(length)
    frames = x.unfold(-1, length, options["hop"]) * window  # [batch, frames, frameLength]
    return torch.fft.rfft(frames, n=options["fftSize"]).abs() ** 2  # [batch, frames, bins]


def power_spectrogram():
    plain_window = {"frameLength": 16, "hop": 6, "fftSize": 16, "window": "none"}
    hann = {"frameLength": 12, "hop": 8, "fftSize": 16}
    return [
        case("frames as long as the transform", lambda x: power(x, plain_window).transpose(1, 2), {"x": rand(2, 40)}, **plain_window),
        case("shorter frames, Hann window", lambda x: power(x, hann).transpose(1, 2), {"x": rand(2, 40)}, **hann),
    ]


def log_mel():
    def one(name, samples, options):
        matrix = torch.from_numpy(matrix_of(options))
        f = lambda x: torch.log(power(x, options) @ matrix.T + options.get("floor", 1e-6))
        return case(name, f, {"x": rand(2, samples)}, **options)

    frames = {"frameLength": 48, "hop": 32, "fftSize": 64}
    return [
        one("htk", 200, {**frames, "sampleRate": 8000, "mels": 6, "lowFrequency": 100, "floor": 0.0009765625}),
        one("slaney", 200, {**frames, "sampleRate": 8000, "mels": 6, "melScale": "slaney", "normalization": "slaney", "floor": 2**-20}),
        one("one frame", 48, {**frames, "sampleRate": 8000, "mels": 4}),
    ]


FILES = {
    "activations": activations,
    "attention": attention,
    "conv1d": conv1d,
    "conv-transpose2d": conv_transpose_2d,
    "group-normalization": group_normalization,
    "gru": gru,
    "layer-normalization": layer_normalization,
    "log-mel": log_mel,
    "mel-filters": mel_filters,
    "power-spectrogram": power_spectrogram,
}


def main():
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    provenance = {
        "software": f"PyTorch {torch.__version__}, NumPy {numpy.__version__}, float64, 1 thread",
        "script": "scripts/golden/compositions.py",
        "scriptSha256": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
        "seed": SEED,
    }
    for name, cases in FILES.items():
        torch.manual_seed(SEED)
        lines = ",\n".join(json.dumps(entry) for entry in cases())
        head = json.dumps(provenance, indent=1)
        (target / f"{name}.json").write_text('{"provenance": %s,\n"cases": [\n%s\n]}\n' % (head, lines))


if __name__ == "__main__":
    main()
