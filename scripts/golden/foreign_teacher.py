"""Writes test/golden/foreign-teacher.onnx, a small classifier made with the onnx package, and what it answers.

Expected values come from onnx.reference.ReferenceEvaluator (NumPy), not from an ONNX runtime.
Run: apt-get install python3-onnx python3-numpy; /usr/bin/python3 scripts/golden/foreign_teacher.py
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

SEED = 20260101
golden = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden"
rng = np.random.default_rng(SEED)


def constant(name, *shape, scale=1.0):
    return numpy_helper.from_array((rng.standard_normal(shape) * scale).astype(np.float32), name)


graph = helper.make_graph(
    [
        helper.make_node("Conv", ["image", "conv.weight", "conv.bias"], ["conv"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("MaxPool", ["relu"], ["pool"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pool"], ["features"]),
        helper.make_node("Gemm", ["features", "fc.weight", "fc.bias"], ["logits"], transB=1),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ],
    "foreign_teacher",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 4, 4])],
    [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 3])],
    [
        constant("conv.weight", 4, 1, 3, 3),
        constant("conv.bias", 4),
        constant("fc.weight", 3, 16, scale=2.0),
        constant("fc.bias", 3),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="onnx")
model.ir_version = 8
onnx.checker.check_model(model, full_check=True)
(golden / "foreign-teacher.onnx").write_bytes(model.SerializeToString())

samples = rng.integers(0, 256, (7, 1, 4, 4), dtype=np.uint8)
images = samples.astype(np.float32) * np.float32(1 / 255)
probabilities = ReferenceEvaluator(model).run(["probabilities"], {"image": images})[0]
model.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 3]))
logits = ReferenceEvaluator(model).run(["logits"], {"image": images})[0]

(golden / "foreign-teacher.json").write_text(
    json.dumps(
        {
            "onnx": onnx.__version__,
            "numpy": np.__version__,
            "seed": SEED,
            "script": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
            "samples": samples.reshape(7, 16).tolist(),
            "logits": [[float(v) for v in row] for row in logits],
            "probabilities": [[float(v) for v in row] for row in probabilities],
        },
        indent=1,
    )
    + "\n"
)
