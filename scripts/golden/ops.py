"""Golden values of operators: PyTorch in float64 on the samples of src/engine/ops/*.cases.ts.

    npm run golden:cases            writes the samples to node_modules/.cache/op-cases.json
    python3 scripts/golden/ops.py node_modules/.cache/op-cases.json test/golden/ops [operator ...]

`npm run golden:ops` does both for all operators; `npm run golden` makes the other files of this engine as well:
compositions, families, batch normalisation, trajectories. It needs PyTorch and NumPy (Debian: python3-torch, python3-numpy).

Each file holds inputs, outputs and the gradients of sum(output * cotangent) for the float inputs, and says what made it.
Operators that PyTorch has no counterpart for are computed with NumPy, in the functions below.
"""

import json
import math
import pathlib
import sys

import numpy
import torch

torch.set_num_threads(1)

DTYPES = {
    "float32": torch.float64,  # the reference computes in float64 whatever the graph's float dtype
    "float64": torch.float64,
    "float16": torch.float64,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "int32": torch.int32,
    "uint32": torch.int64,
    "int64": torch.int64,
    "bool": torch.bool,
}
FLOATS = ("float32", "float64", "float16")


def with_number(f):
    """A two-operand function whose second operand may be a number in the case, hence absent from its inputs."""
    return lambda inputs, attrs, numbers: f(*inputs, *numbers)


def as_tensor(operand, like):
    return operand if torch.is_tensor(operand) else torch.tensor(operand, dtype=like.dtype)


def reduce(f):
    def apply(inputs, attrs, numbers):
        x, axes = inputs[0], attrs["axes"]
        return f(x, axes, attrs["keepDims"]) if axes else x

    return apply


def max_over(x, axes, keep):
    return torch.amax(x, dim=axes, keepdim=keep)


def gemm(inputs, attrs, numbers):
    a = inputs[0].T if attrs["transA"] else inputs[0]
    b = inputs[1].T if attrs["transB"] else inputs[1]
    return a @ b if len(inputs) == 2 else torch.addmm(inputs[2], a, b)


def divide(a, b):
    return torch.div(a, b, rounding_mode=None if a.is_floating_point() else "trunc")


def slices(inputs, attrs, numbers):
    index = [slice(None)] * inputs[0].dim()
    for start, end, axis, step in zip(attrs["starts"], attrs["ends"], attrs["axes"], attrs["steps"]):
        index[axis] = slice(start, end, step)
    return inputs[0][tuple(index)]


def pad(inputs, attrs, numbers):
    before, after = attrs["before"], attrs["after"]
    flat = [size for pair in reversed(list(zip(before, after))) for size in pair]
    return torch.nn.functional.pad(inputs[0], flat, value=attrs["value"])


def gather(inputs, attrs, numbers):
    x, indices = inputs
    axis = attrs["axis"]
    flat = torch.index_select(x, axis, (indices.long() % x.shape[axis]).flatten())
    return flat.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


def gather_grad(inputs, attrs, numbers):
    """Autograd's own answer for gather, kept differentiable."""
    cotangent, indices = inputs
    axis, size = attrs["axis"], attrs["size"]
    after = cotangent.shape[axis + indices.dim() :]
    x = torch.zeros(*cotangent.shape[:axis], size, *after, dtype=torch.float64, requires_grad=True)
    y = gather([x, indices], {"axis": axis}, numbers)
    return torch.autograd.grad(y, x, cotangent, create_graph=True)[0]


def gru_sequence(inputs, attrs, numbers):
    """PyTorch's own operator, gates put into its order; the other form of reset from ONNX's specification."""
    x, kernel, recurrent, bias = inputs
    units = recurrent.shape[1]
    state = torch.zeros(x.shape[1], units, dtype=x.dtype)
    if attrs["linearBeforeReset"]:
        order = lambda t: torch.cat([t[units : 2 * units], t[:units], t[2 * units :]])
        weights = [order(kernel), order(recurrent), order(bias[: 3 * units]), order(bias[3 * units :])]
        return torch.gru(x, state[None], weights, True, 1, 0.0, False, False, False)[0]
    (wz, wr, wh), (rz, rr, rh), b = kernel.chunk(3), recurrent.chunk(3), bias.chunk(6)
    states = []
    for step in x:
        z = torch.sigmoid(step @ wz.T + state @ rz.T + b[0] + b[3])
        r = torch.sigmoid(step @ wr.T + state @ rr.T + b[1] + b[4])
        h = torch.tanh(step @ wh.T + (r * state) @ rh.T + b[2] + b[5])
        state = (1 - z) * h + z * state
        states.append(state)
    return torch.stack(states)


def hash_uniform(inputs, attrs, numbers):
    """NumPy's uint32 arithmetic wraps, as the operator's does."""
    seed = numpy.uint32(int(inputs[0]))

    def mix(h):
        h = h ^ (h >> numpy.uint32(16))
        h = h * numpy.uint32(0x7FEB352D)
        h = h ^ (h >> numpy.uint32(15))
        h = h * numpy.uint32(0x846CA68B)
        return h ^ (h >> numpy.uint32(16))

    with numpy.errstate(over="ignore"):
        key = mix(seed ^ numpy.uint32(attrs["stream"] * 0x9E3779B9 % 2**32))
        count = math.prod(attrs["shape"])
        bits = mix(mix(numpy.arange(count, dtype=numpy.uint32)) ^ key)
    result = (bits >> numpy.uint32(8)).astype(numpy.float64) / 2**24
    return torch.from_numpy(result).reshape(attrs["shape"])


def padded(x, attrs, value=0.0):
    top, left, bottom, right = attrs["padding"]
    return torch.nn.functional.pad(x, (left, right, top, bottom), value=value)


def conv2d(x, kernel, bias, attrs):
    return torch.nn.functional.conv2d(
        padded(x, attrs), kernel, bias, attrs["strides"], 0, attrs["dilations"], attrs["groups"]
    )


def conv2d_input_grad(inputs, attrs, numbers):
    dy, kernel = inputs
    shape = (dy.shape[0], kernel.shape[1] * attrs["groups"], *attrs["inputSize"])
    x = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(conv2d(x, kernel, None, attrs), x, dy, create_graph=True)[0]


def conv2d_weight_grad(inputs, attrs, numbers):
    x, dy = inputs
    shape = (dy.shape[1], x.shape[1] // attrs["groups"], *attrs["kernel"])
    kernel = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(conv2d(x, kernel, None, attrs), kernel, dy, create_graph=True)[0]


def max_pool(x, attrs):
    return torch.nn.functional.max_pool2d(
        padded(x, attrs, -math.inf), attrs["kernel"], attrs["strides"]
    )


def max_pool_grad(inputs, attrs, numbers):
    x, dy = inputs[0].detach().requires_grad_(), inputs[1]
    return torch.autograd.grad(max_pool(x, attrs), x, dy)[0]


def average_pool(inputs, attrs, numbers):
    pool, (x,) = torch.nn.functional.avg_pool2d, inputs
    kernel, strides = attrs["kernel"], attrs["strides"]
    top, left, bottom, right = attrs["padding"]
    counted = attrs["countIncludesPadding"]
    if (top, left) == (bottom, right):
        return pool(x, kernel, strides, (top, left), count_include_pad=counted)
    means = pool(padded(x, attrs), kernel, strides)
    # PyTorch pads both sides alike: elsewhere, the share of the window that is image
    return means if counted else means / pool(padded(torch.ones_like(x), attrs), kernel, strides)


def batch_normalization(inputs, attrs, numbers):
    """PyTorch's own does not differentiate by the statistics; its value is compared with the formula's."""
    x, scale, bias, mean, variance = inputs
    each = lambda t: t.reshape([1, -1] + [1] * (x.dim() - 2))
    centred = (x - each(mean)) / torch.sqrt(each(variance) + attrs["epsilon"])
    y = centred * each(scale) + each(bias)
    own = torch.nn.functional.batch_norm(
        x.detach(), mean.detach(), variance.detach(), scale, bias, eps=attrs["epsilon"]
    )
    assert torch.allclose(y, own, rtol=1e-13, atol=1e-13)
    return y


def fake_quantize(inputs, attrs, numbers):
    """
    PyTorch's learnable form, which has all derivatives but in float32 only, channel by channel; values compared with its
    plain forms.
    """
    x, scale = (t.float() for t in inputs[:2])
    zero = (inputs[2] if len(inputs) == 3 else torch.tensor(numbers[-1])).float()
    low, high = attrs["min"], attrs["max"]
    learnable = torch._fake_quantize_learnable_per_tensor_affine
    parts = [(x, scale, zero)] if scale.dim() == 0 else list(zip(x, scale.flatten(), zero.flatten()))
    rows = [learnable(a, s.reshape(1), z.reshape(1), low, high, 1.0) for a, s, z in parts]
    if scale.dim() == 0:
        plain = torch.fake_quantize_per_tensor_affine(x.detach(), scale.item(), int(zero), low, high)
        assert torch.equal(rows[0], plain)
        return rows[0]
    plain = torch.fake_quantize_per_channel_affine(
        x.detach(), scale.detach().flatten(), zero.flatten().int(), 0, low, high
    )
    y = torch.stack(rows)
    assert torch.equal(y, plain)
    return y


# operator -> f(inputs, attrs, numbers). `numbers` are operands that a sample wrote as plain numbers, in order.
OPERATORS = {
    "abs": lambda i, a, n: torch.abs(i[0]),
    "add": with_number(torch.add),
    "and": lambda i, a, n: torch.logical_and(*i),
    "argMax": lambda i, a, n: first_max(i[0], a["axis"], a["keepDims"]),
    "averagePool": average_pool,
    "batchNormalization": batch_normalization,
    "cast": lambda i, a, n: i[0].to(DTYPES[a["dtype"]]),
    "clip": lambda i, a, n: torch.clamp(i[0], a["min"], a["max"]),
    "concat": lambda i, a, n: torch.cat(i, dim=a["axis"]),
    "conv2d": lambda i, a, n: conv2d(i[0], i[1], i[2] if len(i) == 3 else None, a),
    "conv2dInputGrad": conv2d_input_grad,
    "conv2dWeightGrad": conv2d_weight_grad,
    "div": with_number(divide),
    "equal": with_number(torch.eq),
    "erf": lambda i, a, n: torch.erf(i[0]),
    "exp": lambda i, a, n: torch.exp(i[0]),
    "expand": lambda i, a, n: i[0].expand(a["shape"]),
    "fakeQuantize": fake_quantize,
    "gather": gather,
    "gatherGrad": gather_grad,
    "gemm": gemm,
    "globalAveragePool": lambda i, a, n: torch.nn.functional.adaptive_avg_pool2d(i[0], 1),
    "greater": with_number(torch.gt),
    "heaviside": lambda i, a, n: torch.heaviside(i[0], torch.zeros_like(i[0])),
    "greaterOrEqual": with_number(torch.ge),
    "gruSequence": gru_sequence,
    "hashUniform": hash_uniform,
    "isFiniteNumber": lambda i, a, n: torch.isfinite(i[0]),
    "leakyRelu": lambda i, a, n: torch.nn.functional.leaky_relu(i[0], a["alpha"]),
    "less": with_number(torch.lt),
    "log": lambda i, a, n: torch.log(i[0]),
    "logSoftmax": lambda i, a, n: torch.log_softmax(i[0], dim=a["axis"]),
    "matMul": lambda i, a, n: torch.matmul(*i),
    "maxPool": lambda i, a, n: max_pool(i[0], a),
    "maxPoolGrad": max_pool_grad,
    "maximum": with_number(lambda a, b: torch.maximum(a, as_tensor(b, a))),
    "minimum": with_number(lambda a, b: torch.minimum(a, as_tensor(b, a))),
    "mul": with_number(torch.mul),
    "neg": lambda i, a, n: torch.neg(i[0]),
    "normalizeBatch": lambda i, a, n: torch.nn.functional.batch_norm(
        i[0], None, None, i[1], i[2], training=True, eps=a["epsilon"]
    ),
    "not": lambda i, a, n: torch.logical_not(i[0]),
    "oneHot": lambda i, a, n: torch.nn.functional.one_hot(i[0].long(), a["depth"]).double(),
    "or": lambda i, a, n: torch.logical_or(*i),
    "pad": pad,
    "pow": lambda i, a, n: torch.pow(i[0], a["exponent"]),
    "reduceMax": reduce(max_over),
    "reduceMean": reduce(lambda x, axes, keep: torch.mean(x, dim=axes, keepdim=keep)),
    "reduceMin": reduce(lambda x, axes, keep: torch.amin(x, dim=axes, keepdim=keep)),
    "reduceSum": reduce(lambda x, axes, keep: torch.sum(x, dim=axes, keepdim=keep)),
    "relu": lambda i, a, n: torch.relu(i[0]),
    "relu6": lambda i, a, n: torch.nn.functional.relu6(i[0]),
    "reshape": lambda i, a, n: i[0].reshape(a["shape"]),
    "sigmoid": lambda i, a, n: torch.sigmoid(i[0]),
    "slice": slices,
    "softmax": lambda i, a, n: torch.softmax(i[0], dim=a["axis"]),
    "softplus": lambda i, a, n: torch.nn.functional.softplus(i[0]),
    "sqrt": lambda i, a, n: torch.sqrt(i[0]),
    "stopGradient": lambda i, a, n: i[0],
    "sub": with_number(torch.sub),
    "tanh": lambda i, a, n: torch.tanh(i[0]),
    "topKIndices": lambda i, a, n: top_k(i[0], a)[1],
    "topKValues": lambda i, a, n: top_k(i[0], a)[0],
    "transpose": lambda i, a, n: i[0].permute(a["perm"]),
    "where": lambda i, a, n: torch.where(*i, *(torch.tensor(x, dtype=torch.float64) for x in n)),
}


def first_max(x, axis, keep):
    """NumPy promises the first of equal maxima; PyTorch does not."""
    result = numpy.argmax(x.numpy(), axis=axis, keepdims=keep)
    return torch.from_numpy(numpy.asarray(result))


def top_k(x, attrs):
    """NumPy's stable sort puts the first of equal elements first; PyTorch's topk promises no order."""
    axis, signed = attrs["axis"], (-1 if attrs["largest"] else 1) * x.numpy()
    order = numpy.argsort(signed, axis=axis, kind="stable").take(range(attrs["k"]), axis=axis)
    return torch.from_numpy(numpy.take_along_axis(x.numpy(), order, axis)), torch.from_numpy(order)


def decode(tensor):
    data = [float(x) if isinstance(x, str) else x for x in tensor["data"]]
    return torch.tensor(data, dtype=DTYPES[tensor["dtype"]]).reshape(tensor["shape"])


def encode(tensor):
    def number(x):
        if isinstance(x, bool):
            return int(x)
        if isinstance(x, float) and math.isnan(x):
            return "NaN"
        if isinstance(x, float) and math.isinf(x):
            return "Infinity" if x > 0 else "-Infinity"
        return int(x) if isinstance(x, float) and x == int(x) and abs(x) < 2**53 else x

    return {"shape": list(tensor.shape), "data": [number(x) for x in tensor.flatten().tolist()]}


def compute(op, sample):
    inputs = [decode(tensor) for tensor in sample["inputs"]]
    floats = [tensor["dtype"] in FLOATS for tensor in sample["inputs"]]
    differentiable = sample["cotangent"] is not None
    for tensor, is_float in zip(inputs, floats):
        tensor.requires_grad_(differentiable and is_float)
    output = OPERATORS[op](inputs, sample["attrs"], sample["numbers"])
    gradients = [None] * len(inputs)
    if differentiable:
        cotangent = decode({"dtype": "float64", **sample["cotangent"]})
        (output * cotangent).sum().backward()
        gradients = [
            (encode(t.grad) if t.grad is not None else encode(torch.zeros_like(t))) if f else None
            for t, f in zip(inputs, floats)
        ]
    return {
        "name": sample["name"],
        "inputs": [{"shape": t["shape"], "data": t["data"]} for t in sample["inputs"]],
        "output": encode(output.detach()),
        "gradients": gradients,
    }


def main():
    cases, target, *wanted = sys.argv[1:]
    provenance = {
        "software": f"PyTorch {torch.__version__}, NumPy {numpy.__version__}, float64, 1 thread",
        "script": "scripts/golden/ops.py",
        "seed": "none: inputs come from the operator's cases",
    }
    pathlib.Path(target).mkdir(parents=True, exist_ok=True)
    for entry in json.loads(pathlib.Path(cases).read_text()):
        op = entry["op"]
        if wanted and op not in wanted:
            continue
        if op not in OPERATORS:
            print(f"{op}: not in OPERATORS, skipped", file=sys.stderr)
            continue
        samples = [json.dumps(compute(op, sample)) for sample in entry["samples"]]
        head = json.dumps(provenance, indent=1)
        text = '{"provenance": %s,\n"samples": [\n%s\n]}\n' % (head, ",\n".join(samples))
        pathlib.Path(target, f"{op}.json").write_text(text)


if __name__ == "__main__":
    main()
