# SPDX-License-Identifier: MIT
"""read_back.py WRITE_SAMPLES READ_SAMPLES: ferlab's files in the hands of the programs they are for.

The real TensorBoard, safetensors, h5py and numpy read what write_samples writes, and every value is compared;
read_samples reads what the last three write. The numbers come from samples.hpp.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import h5py
import ml_dtypes
import numpy as np
import PIL.Image
import safetensors
import safetensors.numpy
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import summary_pb2
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.histogram import summary_v2 as histogram_summary
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.util import tensor_util

checks = 0


def check(truth, what):
    global checks
    checks += 1
    if not truth:
        sys.exit(f"read_back: {what}")


def same(found, expected, what):
    """Equal bit for bit, type and shape included; NaN equals NaN."""
    found, expected = np.asarray(found), np.asarray(expected)
    check(found.dtype == expected.dtype, f"{what}: type {found.dtype}, expected {expected.dtype}")
    check(found.shape == expected.shape, f"{what}: shape {found.shape}, expected {expected.shape}")
    check(found.tobytes() == expected.tobytes(), f"{what}: {found} is not {expected}")


def number(i):
    return (i * 37 % 251) / 64 - 1


def coarse(i):
    return (i % 129) / 64 - 1


def read_events(folder):
    events = event_accumulator.EventAccumulator(str(folder), size_guidance={event_accumulator.TENSORS: 0})
    events.Reload()
    check(events.file_version == 2, f"file version {events.file_version}")
    tags = ["epoch_loss", "epoch_accuracy", "special/nan", "special/infinite", "special/é", "conv2d/kernel", "equal",
            "none", "wide"]
    check(sorted(events.Tags()["tensors"]) == sorted(tags), f"tags {events.Tags()['tensors']}")

    def series(tag):
        return [(e.step, tensor_util.make_ndarray(e.tensor_proto)) for e in events.Tensors(tag)]

    def compare_metadata(tag, plugin, data_class):
        found = events.SummaryMetadata(tag)
        check(found.plugin_data.plugin_name == plugin.PLUGIN_NAME, f"{tag}: plugin {found}")
        check(found.data_class == data_class, f"{tag}: data class {found}")

    def scalars(tag, expected):
        found = series(tag)
        check([step for step, _ in found] == [step for step, _ in expected], f"{tag}: steps {found}")
        for (_, value), (step, true) in zip(found, expected):
            same(value, np.float32(true), f"{tag}, step {step}")
        compare_metadata(tag, scalar_metadata, summary_pb2.DATA_CLASS_SCALAR)

    def histogram(tag, values):
        (step, found), = series(tag)
        summary = histogram_summary.histogram_pb(tag, np.array(values, np.float32))
        expected = tensor_util.make_ndarray(summary.value[0].tensor)
        check(step == 3 and found.shape == (30, 3) and found.dtype == expected.dtype, f"{tag}: {found}")
        same(found[:, 2], expected[:, 2], f"{tag}: counts")
        check(np.allclose(found[:, :2], expected[:, :2], rtol=1e-12, atol=0 if tag != "wide" else 1e25),
              f"{tag}: edges {found} are not {expected}")
        compare_metadata(tag, histogram_metadata, summary_pb2.DATA_CLASS_TENSOR)

    scalars("epoch_loss", [(i, 1 / (i + 1)) for i in range(50)])
    scalars("epoch_accuracy", [(i * 10**12, i / 50) for i in range(50)])
    scalars("special/nan", [(0, np.nan)])
    scalars("special/infinite", [(0, -np.inf)])
    scalars("special/é", [(0, 1e-40)])
    histogram("conv2d/kernel", [number(i) for i in range(1000)])
    histogram("equal", [0.5] * 7)
    histogram("none", [])
    histogram("wide", [-3e38, 0, 1e-40, 3e38])


def read_tensors(path):
    found = {}
    with safetensors.safe_open(path, framework="np") as file:
        expected = {"text": 'two\nlines, "quoted", €', "no text": "\ufffd" * 4 + "!"}
        check(file.metadata() == expected, f"metadata {file.metadata()}")
        names = set(file.keys())
        for name in names - {"bf16"}:
            found[name] = file.get_tensor(name)
    check(names == {"a/u8", "f16", "bf16", "f32", "f64", "i64", "scalar", "empty"}, f"tensors {names}")
    numbers = np.array([number(i) for i in range(24)])
    same(found["f64"], numbers.reshape(1, 24, 1, 1), "f64")
    same(found["f32"], numbers.astype(np.float32).reshape(2, 3, 4), "f32")
    same(found["f16"], numbers.astype(np.float16).reshape(2, 12), "f16")
    same(found["a/u8"], np.arange(24, dtype=np.uint8), "a/u8")
    same(found["i64"], -np.arange(24).reshape(4, 6), "i64")
    same(found["scalar"], np.float32(number(0)), "scalar")
    same(found["empty"], np.zeros((0, 3), np.float32), "empty")
    raw = dict(safetensors.deserialize(path.read_bytes()))["bf16"]  # numpy has no such type
    check(raw["dtype"] == "BF16" and raw["shape"] == [24, 1], f"bf16: {raw['dtype']} {raw['shape']}")
    expected = np.array([coarse(i) for i in range(24)], ml_dtypes.bfloat16)
    same(np.frombuffer(bytes(raw["data"]), ml_dtypes.bfloat16), expected, "bf16")


def read_hdf5(path):
    numbers = np.array([number(i) for i in range(24)], np.float32)
    with h5py.File(path) as file:
        check(list(file) == ["empty", "many", "scalar", "vars", "weights"], f"{path.name}: {list(file)}")
        same(file["weights/conv2d/conv2d/kernel:0"][()], numbers.reshape(2, 3, 4), "kernel")
        same(file["weights/conv2d/conv2d/bias:0"][()], numbers, "bias")
        same(file["scalar"][()], numbers[0], "scalar")
        same(file["empty"][()], np.zeros((0, 3), np.float32), "empty")
        check(len(file["vars"]) == 0, "vars is not empty")
        check(list(file["many"]) == sorted(map(str, range(700))), "many: names")
        for i in range(700):
            same(file[f"many/{i}"][()], numbers[i % 24:i % 24 + 1], f"many/{i}")
        text = {name: value if isinstance(value, str) else value.decode() for name, value in file.attrs.items()}
        check(text == {"backend": "tensorflow", "empty": "", "utf8": "€", "long": "x" * 200_000}, "attributes")
        names = file["weights"].attrs["names"]
        check(names.dtype == "S6" and [name.decode() for name in names] == ["conv2d", "", "€"], f"names {names}")
        same(file["weights"].attrs["no names"], np.zeros(0), "no names")
        check(file["scalar"].attrs["name"] == b"of an array", f"name {file['scalar'].attrs['name']}")


def change_hdf5(path):
    """h5py goes on with a file that ferlab has begun."""
    with h5py.File(path, "r+") as file:
        for i in range(700):
            file[f"many/more {i}"] = np.float32(i)
            if i % 2:
                del file[f"many/{i}"]
        file.attrs["new"] = 1
    with h5py.File(path) as file:
        names = [str(i) for i in range(0, 700, 2)] + [f"more {i}" for i in range(700)]
        check(list(file["many"]) == sorted(names), "many: names after a change")
        check(all(file[f"many/more {i}"][()] == i for i in range(700)), "many: values after a change")


def read_numpy(folder):
    numbers = np.array([number(i) for i in range(24)])
    expected = {"layer/f32": numbers.astype(np.float32).reshape(2, 3, 4), "f64": numbers,
                "f16": numbers.astype(np.float16).reshape(2, 12), "u8": np.arange(24, dtype=np.uint8).reshape(1, 24),
                "i64": -np.arange(24).reshape(4, 6), "scalar": np.float32(number(0)),
                "empty": np.zeros((0, 3), np.float32)}
    with np.load(folder / "arrays.npz") as found:
        check(set(found.files) == set(expected), f"arrays {found.files}")
        for name, array in expected.items():
            same(found[name], array, name)
    same(np.load(folder / "array.npy", mmap_mode="r"), expected["layer/f32"], "array.npy")
    with zipfile.ZipFile(folder / "arrays.npz") as file:
        check(file.testzip() is None, "a member's checksum differs")
        check(all(member.date_time == (1980, 1, 1, 0, 0, 0) for member in file.infolist()), "dates")


def read_model(path, weights):
    shapes = {"conv2d/kernel": (3, 3, 1, 4), "conv2d/bias": (4,), "batch_norm/gamma": (4,), "batch_norm/beta": (4,),
              "batch_norm/moving_mean": (4,), "batch_norm/moving_variance": (4,), "dense/kernel": (256, 3),
              "dense/bias": (3,)}
    found = safetensors.numpy.load_file(path)
    check(set(found) == set(shapes) | {"probe/output"}, f"{path.name}: tensors {sorted(found)}")
    for position, (name, shape) in enumerate(shapes.items()):
        expected = np.array([number(k + position) for k in range(int(np.prod(shape)))], np.float32).reshape(shape)
        if name.endswith("variance"):
            expected = np.abs(expected)
        same(found[name], expected.astype(np.float32 if "moving" in name else weights), f"{path.name}: {name}")
    check(abs(found["probe/output"].sum() - 1) < 1e-5, f"{path.name}: probe {found['probe/output']}")
    with safetensors.safe_open(path, framework="np") as file:
        metadata = file.metadata()
    check(metadata["format"] == "ferlab" and metadata["note.source"] == "samples", f"{path.name}: {metadata}")
    check(json.loads(metadata["class_names"]) == ["a", "b", "c"], f"{path.name}: {metadata}")
    check(np.float32(json.loads(metadata["preprocessing"])["scale"]) == np.float32(1 / 255), f"{path.name}: {metadata}")


def read_images(folder):
    pixels = (np.arange(200 * 150 * 3) * 7 % 251).astype(np.uint8)
    same(PIL.Image.open(folder / "colour.png"), pixels.reshape(150, 200, 3), "colour.png")
    same(PIL.Image.open(folder / "grey.png"), pixels[:200 * 150].reshape(150, 200), "grey.png")


def write_tensors(path):
    numbers = np.array([number(i) for i in range(24)]).reshape(2, 3, 4)
    brain = np.array([coarse(i) for i in range(24)], ml_dtypes.bfloat16).reshape(2, 3, 4)
    safetensors.numpy.save_file({"f64": numbers, "f32": numbers.astype(np.float32), "f16": numbers.astype(np.float16),
                                 "bf16": brain, "scalar": np.array(7, np.float32),
                                 "empty": np.zeros((0, 3), np.float32)},
                                path, {"text": 'two\nlines, "quoted", €'})


def write_hdf5(path, **options):
    numbers = np.array([number(i) for i in range(24)]).reshape(2, 3, 4)
    with h5py.File(path, "w", **options) as file:
        for name, kind in {"f64": "f8", "f32": "f4", "f16": "f2"}.items():
            file[f"weights/layer/{name}"] = numbers.astype(kind)
        file["scalar"], file["step"], file["empty"] = np.float32(7), np.int64(7), np.zeros((0, 3), np.float32)
        for i in range(700):
            file[f"many/{i}"] = np.float32(i)
        layer = file["weights/layer"]
        names = ["conv2d", "", "€"]
        layer.attrs["fixed"], layer.attrs["variable"] = np.array([name.encode() for name in names], "S"), names
        file.attrs["fixed text"], file.attrs["variable text"] = np.bytes_("€".encode()), "€"
        file.attrs["long"] = "x" * 200_000
        layer.attrs["no names"], layer.attrs["numbers"] = np.zeros(0), np.array([1, -2, 3], np.int32)
        layer["f32"].attrs["name"] = "f32"


def write_numpy(folder):
    numbers = np.array([number(i) for i in range(24)]).reshape(2, 3, 4)
    arrays = {"f64": numbers, "f32": numbers.astype(np.float32), "f16": numbers.astype(np.float16),
              "layer/u8": np.frombuffer(b"abc", np.uint8), "zeros": np.zeros(100_000, np.uint8)}
    np.savez(folder / "python.npz", **arrays)
    np.savez_compressed(folder / "compressed.npz", **arrays)


def main(write_samples, read_samples):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([write_samples, folder], check=True)
        read_events(folder / "logs")
        read_tensors(folder / "tensors.safetensors")
        read_model(folder / "model.safetensors", np.float32)
        read_model(folder / "half.safetensors", np.float16)
        read_images(folder)
        read_hdf5(folder / "arrays.h5")
        change_hdf5(folder / "arrays.h5")
        read_numpy(folder)
        write_tensors(folder / "python.safetensors")
        write_hdf5(folder / "python.h5")
        write_hdf5(folder / "oldest.h5", libver=("earliest", "v108"))
        write_numpy(folder)
        subprocess.run([read_samples, folder], check=True)
    print(f"{checks} checks passed")


main(*sys.argv[1:])
