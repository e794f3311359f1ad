# SPDX-License-Identifier: MIT
"""onnx_peers.py EXCHANGE_SAMPLES: ferlab's ONNX files in the hands of onnx and ONNX Runtime, and theirs in ferlab's.

The checker of onnx accepts what ferlab writes, and ONNX Runtime computes from it what ferlab does. ferlab computes what
ONNX Runtime does from models as PyTorch and tf2onnx write them, and, for pools and convolutions of every size, stride
and padding, either the same or nothing.
"""
import itertools
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(1)


def run(model, x):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (name,) = [value.name for value in session.get_inputs()]
    return session.run(None, {name: x})[0]


def check_written(folder):
    """Every .onnx of `folder` with the input and output beside it."""
    count = 0
    for path in sorted(folder.glob("*.onnx")):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        beside = safetensors.numpy.load_file(path.with_suffix(".values.safetensors"))
        info = model.graph.input[0].type.tensor_type
        shape = [dim.dim_value for dim in info.shape.dim][1:]
        x = beside["input"].reshape([2, *shape]).astype(helper.tensor_dtype_to_np_dtype(info.elem_type))
        for batch in (x, x[:1]):  # of any size
            found = run(path.read_bytes(), batch).reshape(len(batch), -1)
            worst = np.abs(found - beside["output"][:len(batch)]).max() / (1 + np.abs(found).max())
            if worst > 1e-5:
                sys.exit(f"onnx_peers: {path.name}: ONNX Runtime's output differs by {worst}")
        count += 1
    return count


class Maker:
    """A graph node by node; arrays become initializers."""

    def __init__(self, shape, opset):
        self.nodes, self.arrays, self.opset = [], [], opset
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)

    def array(self, values):
        name = f"array_{len(self.arrays)}"
        self.arrays.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weights(self, *shape):
        return self.array(random.normal(0, 0.5, shape).astype(np.float32))

    def node(self, op, *inputs, **attributes):
        name = f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"/{op}_{len(self.nodes)}", **attributes))
        return name

    def constant(self, values):
        return self.node("Constant", value=numpy_helper.from_array(np.asarray(values)))

    def save(self, path, output, rank=2, channels_last=False):
        """The model, and ONNX Runtime's output beside it; ferlab's input is [n, h, w, c] in any case."""
        graph = helper.make_graph(self.nodes, "graph", [self.input],
                                  [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * rank)], self.arrays)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)
        shape = [dim.dim_value or 2 for dim in self.input.type.tensor_type.shape.dim]
        x = random.normal(0, 1, shape).astype(np.float32)
        y = run(model.SerializeToString(), x)
        if len(shape) == 4 and not channels_last:
            x = x.transpose(0, 2, 3, 1)
        if y.ndim == 4:
            y = y.transpose(0, 2, 3, 1)
        safetensors.numpy.save_file({"input": np.ascontiguousarray(x), "output": np.ascontiguousarray(y)},
                                    path.with_suffix(".values.safetensors"))


def batch_norm(m, x, c):
    arrays = [m.weights(c), m.weights(c), m.weights(c), m.array(random.uniform(0.3, 2, c).astype(np.float32))]
    return m.node("BatchNormalization", x, *arrays, epsilon=1e-5, momentum=0.9)


def as_pytorch(folder):
    m = Maker(["batch", 2, 13, 11], 17)
    x = m.node("Conv", "x", m.weights(3, 2, 3, 3), m.weights(3), pads=[1, 1, 1, 1], kernel_shape=[3, 3],
               strides=[1, 1], dilations=[1, 1], group=1)
    x = batch_norm(m, m.node("Relu", x), 3)
    x = m.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    # nn.ZeroPad2d, as the exporter unrolls it
    pads = m.node("Concat", m.constant([0, 1, 1, 1]), m.node("ConstantOfShape", m.constant([4]), value=helper.make_tensor(
        "zero", TensorProto.INT64, [1], [0])), axis=0)
    pads = m.node("Slice", m.node("Reshape", pads, m.constant([-1, 2])), m.constant([-1]),
                  m.constant([-9223372036854775807]), m.constant([0]), m.constant([-1]))
    pads = m.node("Cast", m.node("Reshape", m.node("Transpose", pads, perm=[1, 0]), m.constant([-1])),
                  to=TensorProto.INT64)
    x = m.node("Pad", x, pads, m.constant(np.float32(0)), mode="constant")
    x = m.node("Conv", x, m.weights(4, 3, 3, 3), kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 0, 0])
    side = m.node("Conv", x, m.weights(4, 4, 1, 1), m.weights(4), kernel_shape=[1, 1])
    x = m.node("Relu", m.node("Add", batch_norm(m, x, 4), side))
    # x.view(x.size(0), -1)
    size = m.node("Unsqueeze", m.node("Gather", m.node("Shape", x), m.constant(np.int64(0)), axis=0), m.constant([0]))
    x = m.node("Reshape", x, m.node("Concat", size, m.constant([-1]), axis=0))
    x = m.node("Gemm", x, m.weights(6, 48), m.weights(6), alpha=1.0, beta=1.0, transB=1)
    x = m.node("Gemm", m.node("Clip", x, m.constant(np.float32(0))), m.weights(6, 5), transB=0)
    m.save(folder / "as_pytorch.onnx", m.node("Softmax", x, axis=1))

    m = Maker([1, 3, 9, 8], 20)
    x = m.node("Sub", m.node("Div", "x", m.array(np.float32(255))), m.array(np.float32(0.5)))
    x = m.node("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 1, 1], auto_pad="NOTSET")
    x = m.node("ReduceMean", batch_norm(m, x, 3), m.array([-1, -2]), keepdims=1)
    x = m.node("Reshape", x, m.array([1, 3]), allowzero=1)
    m.save(folder / "as_dynamo.onnx", m.node("Gemm", x, m.weights(4, 3), m.weights(4), transB=1))


def as_tf2onnx(folder):
    m = Maker(["unk__1", 13, 11, 2], 15)
    x = m.node("Add", m.node("Mul", "x", m.array(np.float32(1 / 127.5))), m.array(np.float32(-1)))
    x = m.node("Transpose", x, perm=[0, 3, 1, 2])
    x = m.node("Relu", m.node("Conv", x, m.weights(3, 2, 3, 3), m.weights(3), kernel_shape=[3, 3]))
    x = m.node("Add", m.node("Mul", x, m.weights(1, 3, 1, 1)), m.weights(1, 3, 1, 1))
    x = m.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = m.node("Conv", x, m.weights(4, 3, 3, 3), kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    last = m.node("Transpose", x, perm=[0, 2, 3, 1])
    shape = m.node("Cast", m.node("Gather", m.node("Shape", x), m.array([0, 2, 3, 1])), to=TensorProto.INT32)
    shape = m.node("Slice", shape, m.array([0]), m.array([1]), m.array([0]))
    shape = m.node("Cast", m.node("Concat", shape, m.array(np.array([24], np.int32)), axis=0), to=TensorProto.INT64)
    x = m.node("Reshape", last, shape)
    x = m.node("Relu", m.node("Add", m.node("MatMul", x, m.weights(24, 6)), m.weights(6)))
    x = m.node("Add", m.node("MatMul", x, m.weights(6, 5)), m.weights(5))
    m.save(folder / "as_tf2onnx.onnx", m.node("Softmax", x), channels_last=True)

    m = Maker(["unk__1", 8, 8, 1], 13)  # one channel: a Reshape for a Transpose
    x = m.node("Conv", m.node("Reshape", "x", m.array([-1, 1, 8, 8])), m.weights(3, 1, 3, 3), kernel_shape=[3, 3])
    x = m.node("Squeeze", m.node("GlobalAveragePool", x), m.array([2, 3]))
    m.save(folder / "as_tf2onnx_grey.onnx", m.node("MatMul", x, m.weights(3, 4)), channels_last=True)


def windows(folder):
    """Pools and convolutions of one node."""
    for count, (op, n, size, stride, pads, ceil) in enumerate(itertools.product(
            ("MaxPool", "AveragePool", "Conv"), (5, 6, 7), (1, 2, 3), (1, 2, 3),
            ((0, 0, 0, 0), (1, 1, 1, 1), (0, 0, 1, 1), (1, 0, 1, 1), (0, 0, 2, 2)), (0, 1))):
        if max(pads) >= size or (op == "Conv" and ceil):
            continue
        m = Maker(["batch", 2, n, n + 1], 22)  # from 22 on ONNX Runtime's AveragePool has ceil_mode as it is specified
        attributes = {"kernel_shape": [size, size], "strides": [stride, stride], "pads": pads}
        if op != "Conv":
            attributes["ceil_mode"] = ceil
        if op == "AveragePool":
            attributes["count_include_pad"] = count % 2
        m.save(folder / f"windows_{count}.onnx",
               m.node(op, "x", *([m.weights(2, 2, size, size)] if op == "Conv" else []), **attributes), rank=4)


def external_data(folder, samples):
    """Refused with the cure, which works."""
    inside, outside = folder / "as_pytorch.onnx", folder / "external.onnx"
    onnx.save(onnx.load(inside), outside, save_as_external_data=True, size_threshold=0)
    outside.with_suffix(".values.safetensors").write_bytes(inside.with_suffix(".values.safetensors").read_bytes())
    refused = subprocess.run([samples, "read", outside], stderr=subprocess.PIPE, text=True)
    if refused.returncode == 0 or "external_data=False" not in refused.stderr:
        sys.exit(f"onnx_peers: external data: {refused}")
    onnx.save(onnx.load(outside), outside)
    subprocess.run([samples, "read", outside], check=True, stdout=subprocess.DEVNULL)


def main(samples):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([samples, "write", folder], check=True)
        written = check_written(folder)
        subprocess.run([samples, "read", *sorted(folder.glob("*.onnx"))], check=True, stdout=subprocess.DEVNULL)

        as_pytorch(folder)
        as_tf2onnx(folder)
        read = sorted(folder.glob("as_*.onnx"))
        subprocess.run([samples, "read", *read], check=True, stdout=subprocess.DEVNULL)
        external_data(folder, samples)

        windows(folder)
        files = sorted(folder.glob("windows_*.onnx"))
        tried = int(subprocess.run([samples, "try", *files], check=True, stdout=subprocess.PIPE).stdout)
        if tried < len(files) // 3:
            sys.exit(f"onnx_peers: of {len(files)} kinds of windows only {tried} were read")
    print(f"ONNX: {written} files written, {len(read)} read, {tried} of {len(files)} kinds of windows read")


main(*sys.argv[1:])
