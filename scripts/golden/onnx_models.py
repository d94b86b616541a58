"""Writes test/golden/import: small ONNX models as PyTorch's exporter and the onnx package write them, and their outputs.

What PyTorch exports is answered by PyTorch itself; the others by onnx.reference.ReferenceEvaluator (NumPy).
Run: apt-get install python3-torch python3-onnx; /usr/bin/python3 scripts/golden/onnx_models.py
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import nn
from torch.nn import functional as F

SEED = 20260102
SAMPLES = 3
golden = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "import"
golden.mkdir(exist_ok=True)
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
records = {}


def drawn_norm(norm):
    with torch.no_grad():
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.uniform_(-0.3, 0.3)
        norm.running_mean.uniform_(-0.3, 0.3)
        norm.running_var.uniform_(0.5, 1.5)
    return norm


class Mobile(nn.Module):
    """Convolutions, depthwise too; the exporter leaves Shape, Gather and Concat where the batch axis is free."""

    def __init__(self):
        super().__init__()
        self.mean = nn.Parameter(torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1), requires_grad=False)
        self.deviation = nn.Parameter(torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1), requires_grad=False)
        self.stem = nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False)
        self.norm = drawn_norm(nn.BatchNorm2d(6))
        self.depthwise = nn.Conv2d(6, 6, 3, padding=1, groups=6)
        self.point = nn.Conv2d(6, 8, 1)
        self.head = nn.Linear(8 * 2 * 2, 4)

    def forward(self, x):
        x = (x - self.mean) / self.deviation
        x = F.hardswish(self.norm(self.stem(x)))
        x = F.relu6(self.depthwise(x))
        x = F.max_pool2d(F.relu(self.point(x)), 2)
        x = x.view(x.size(0), -1)
        return self.head(x)


class Residual(nn.Module):
    """Padding apart from the convolution, sums, joined channels, means over axes; a batch size that is fixed."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(2, 4, 3)
        self.two = nn.Conv2d(4, 4, 3, padding=1)
        self.three = nn.Conv2d(4, 3, 1)
        self.head = nn.Linear(7, 3)

    def forward(self, x):
        x = F.relu(self.one(F.pad(x, (1, 1, 0, 2))))
        y = F.relu(x + self.two(x))
        z = torch.cat([y, torch.sigmoid(self.three(x))], 1)
        z = F.avg_pool2d(z, 3, stride=2, padding=1, count_include_pad=False)
        z = z.mean((2, 3))
        z = z.reshape(4, 7)
        return F.softmax(self.head(F.dropout(z, 0.5, self.training)), 1)


class Features(nn.Module):
    """Dense layers without bias, and activations of one element."""

    def __init__(self):
        super().__init__()
        self.one = nn.Linear(7, 9)
        self.two = nn.Linear(9, 8, bias=False)
        self.three = nn.Linear(8, 5)

    def forward(self, x):
        x = F.leaky_relu(self.one(x), 0.1)
        x = F.elu(self.two(x) * 0.5 + 0.25)
        return self.three(F.hardsigmoid(x) * x - torch.tanh(x).clamp(min=-0.5))


class Signal(nn.Module):
    """One-dimensional convolution and pooling."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv1d(2, 4, 5, padding=4, dilation=2)
        self.two = nn.Conv1d(4, 6, 3, stride=2)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = F.max_pool1d(F.gelu(self.one(x)), 2)
        x = F.adaptive_avg_pool1d(F.softplus(self.two(x)), 1)
        return F.log_softmax(self.head(x.squeeze(-1)), -1)


class Recurrent(nn.Module):
    """A GRU over time, its last state."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(3)
        self.gru = nn.GRU(3, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x):
        states, _ = self.gru(self.norm(x))
        return self.head(states[:, -1])


def record(name, samples, outputs, by):
    records[name] = {
        "by": by,
        "shape": list(samples.shape[1:]),
        "samples": [float(f"{x:.9g}") for x in samples.flatten()],
        "outputs": [float(f"{x:.9g}") for x in outputs.flatten()],
    }


def from_torch(name, module, shape, opset, batch=None, **options):
    module.eval()
    count = batch or SAMPLES
    samples = torch.rand(count, *shape) * 2 - 1
    free = {} if batch else {"dynamic_axes": {"x": {0: "batch"}, "y": {0: "batch"}}}
    torch.onnx.export(
        module,
        samples,
        str(golden / f"{name}.onnx"),
        opset_version=opset,
        input_names=["x"],
        output_names=["y"],
        dynamo=False,
        **free,
        **options,
    )
    with torch.no_grad():
        record(name, samples, module(samples), f"torch {torch.__version__}")


def weights(name, *shape, scale=0.5):
    return numpy_helper.from_array((rng.standard_normal(shape) * scale).astype(np.float32), name)


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def number(name, value):
    return numpy_helper.from_array(np.array(value, dtype=np.float32), name)


def from_nodes(name, nodes, shape, output_shape, constants, opset):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", *output_shape])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="onnx")
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)
    (golden / f"{name}.onnx").write_bytes(model.SerializeToString())
    samples = (rng.random((SAMPLES, *shape)) * 2 - 1).astype(np.float32)
    # sample by sample: what an importer with batch 1 must give
    outputs = np.concatenate([ReferenceEvaluator(model).run(["y"], {"x": sample[None]})[0] for sample in samples])
    record(name, samples, outputs, f"onnx {onnx.__version__}, numpy {np.__version__}")


node = helper.make_node

from_torch("torch-mobile", Mobile(), (3, 8, 8), 13, do_constant_folding=False)
from_torch("torch-residual", Residual(), (2, 7, 6), 11, batch=4)
from_torch("torch-features", Features(), (7,), 17)
from_torch("torch-signal", Signal(), (2, 20), 18)
from_torch("torch-recurrent", Recurrent(), (6, 3), 17)

# channels last outside, channels first inside, as converters from TensorFlow write it
from_nodes(
    "channels-last",
    [
        node("Transpose", ["x"], ["first"], perm=[0, 3, 1, 2]),
        node("Conv", ["first", "k"], ["conv"], pads=[0, 1, 1, 1], strides=[2, 2]),
        node("BatchNormalization", ["conv", "s", "b", "m", "v"], ["norm"], epsilon=1e-3),
        node("Relu", ["norm"], ["relu"]),
        node("Transpose", ["relu"], ["last"], perm=[0, 2, 3, 1]),
        node("Reshape", ["last", "flat"], ["features"]),
        node("MatMul", ["features", "w"], ["product"]),
        node("Add", ["product", "c"], ["y"]),
    ],
    (6, 5, 2),
    (4,),
    [
        weights("k", 3, 2, 3, 3),
        numpy_helper.from_array(np.array([1, 0.5, 1.5], np.float32), "s"),
        weights("b", 3),
        weights("m", 3),
        numpy_helper.from_array(np.array([1, 0.7, 1.5], np.float32), "v"),
        whole("flat", -1, 27),
        weights("w", 27, 4),
        weights("c", 4),
    ],
    21,
)

# the forms of newer operator sets: axes and limits as operands, typed constants
from_nodes(
    "newer-forms",
    [
        node("Split", ["x"], ["a", "b"], axis=1, num_outputs=2),
        node("Pad", ["a", "border", "", "border axes"], ["padded"]),
        node("Conv", ["padded", "k"], ["conv"]),
        node("HardSigmoid", ["conv"], ["gate"], alpha=0.25, beta=0.4),
        node("Mul", ["conv", "gate"], ["swish"]),
        node("Clip", ["b", "low", ""], ["clipped"]),
        node("Sum", ["clipped", "b", "b"], ["sum"]),
        node("Concat", ["swish", "sum"], ["joined"], axis=-3),
        node("Slice", ["joined", "starts", "ends", "axes"], ["part"]),
        node("ReduceMean", ["part", "spatial"], ["mean"], keepdims=0),
        node("Unsqueeze", ["mean", "spatial"], ["four"]),
        node("Constant", [], ["two"], value_float=2.0),
        node("Mul", ["two", "four"], ["double"]),
        node("Squeeze", ["double"], ["vector"]),
        node("Shape", ["x"], ["sizes"], start=0, end=1),
        node("Constant", [], ["rest"], value_ints=[-1]),
        node("Concat", ["sizes", "rest"], ["target"], axis=0),
        node("Reshape", ["vector", "target"], ["rows"]),
        node("Gemm", ["rows", "w", "c"], ["y"], alpha=0.5, beta=2.0, transB=1),
    ],
    (4, 5, 5),
    (3,),
    [
        weights("k", 3, 2, 3, 3),
        whole("border", 1, 0, 1, 2),
        whole("border axes", 2, 3),
        number("low", -0.25),
        whole("starts", 1),
        whole("ends", 2**63 - 1),
        whole("axes", 3),
        whole("spatial", 2, 3),
        weights("w", 3, 5),
        weights("c", 3),
    ],
    18,
)

(golden / "models.json").write_text(
    json.dumps(
        {
            "seed": SEED,
            "script": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
            "models": records,
        }
    )
    + "\n"
)
