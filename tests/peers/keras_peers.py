# SPDX-License-Identifier: MIT
"""keras_peers.py EXCHANGE_SAMPLES: ferlab's Keras files in the hands of Keras 3, and Keras's in ferlab's.

Keras loads each .keras, .h5 and .weights.h5 that ferlab writes and predicts the same; ferlab computes what Keras does
from models of every layer that both have, saved in each of Keras's ways.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "openvino"  # the smallest
import keras  # noqa: E402
import numpy as np  # noqa: E402
import openvino  # noqa: E402
import safetensors.numpy  # noqa: E402
from keras import layers  # noqa: E402

random = np.random.default_rng(1)


def exactly(compile_model=openvino.compile_model):
    """In float: processors with bfloat16 would round to that."""
    return lambda model, device: compile_model(model, device, {"INFERENCE_PRECISION_HINT": "f32"})


openvino.compile_model = exactly()


def compare(model, folder, name, what):
    values = safetensors.numpy.load_file(folder / f"{name}.values.safetensors")
    found = np.asarray(model.predict(values["input"], verbose=0)).reshape(values["output"].shape)
    worst = np.abs(found - values["output"]).max() / (1 + np.abs(found).max())
    if not worst <= 1e-5:
        sys.exit(f"keras_peers: {what}: Keras's output differs by {worst}")


def check_written(folder):
    count = 0
    for path in sorted([*folder.glob("*.keras"), *folder.glob("*.h5")]):
        name = path.name.split(".")[0]
        if path.name.endswith(".weights.h5"):
            model = keras.models.load_model(folder / f"{name}.keras", compile=False)
            model.set_weights([np.zeros_like(array) for array in model.get_weights()])
            model.load_weights(path)
        else:
            model = keras.models.load_model(path, compile=False)
        compare(model, folder, name, path.name)
        count += 1
    return count


def sequential():
    return keras.Sequential([
        layers.Input((13, 11, 2)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.Conv2D(3, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01)),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
        layers.BatchNormalization(epsilon=1e-4, momentum=0.9, scale=False),
        layers.ReLU(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.BatchNormalization(center=False),
        layers.Dense(6, activation="relu"),
        layers.Dense(5, use_bias=False),
        layers.Softmax(),
    ])


def pooled():
    x = inputs = layers.Input((13, 11, 2))
    for layer in (layers.Conv2D(4, 3, padding="same"), layers.Activation("relu"),
                  layers.AveragePooling2D(3, strides=2, padding="same"), layers.MaxPooling2D(2, padding="same"),
                  layers.Conv2D(5, 1, activation="linear"), layers.GlobalAveragePooling2D(),
                  layers.Dense(7, activation="softmax")):
        x = layer(x)
    return keras.Model(inputs, x)


def residual():
    """The branches end in one order and begin in another; the projection is made before the body."""
    inputs = layers.Input((8, 9, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    body = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(x))
    x = layers.Add()([x, body])
    side = layers.Conv2D(6, 1, strides=2)(x)
    body = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(x)
    body = layers.BatchNormalization()(layers.Conv2D(6, 3, padding="same")(body))
    x = layers.ReLU()(layers.Add()([body, side]))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


def channels_first():
    return keras.Sequential([
        layers.Input((2, 13, 11)),
        layers.Conv2D(4, 3, data_format="channels_first", activation="relu"),
        layers.BatchNormalization(axis=1),
        layers.MaxPooling2D(2, data_format="channels_first"),
        layers.Flatten(data_format="channels_first"),
        layers.Dense(5, activation="softmax"),
    ])


def deep():
    """More than ten layers of a class."""
    return keras.Sequential([layers.Input((6,)), *(layers.Dense(6, activation="relu") for _ in range(12))])


def save(folder, name, model):
    model.set_weights([np.abs(array) + 0.25 if "variance" in weight.path else array for weight, array in (
        (weight, random.normal(0, 0.5, weight.shape).astype(np.float32)) for weight in model.weights)])
    x = random.normal(0, 1, (2, *model.input_shape[1:])).astype(np.float32)
    y = np.asarray(model.predict(x, verbose=0))
    if name == "channels_first":
        x = x.transpose(0, 2, 3, 1)
    safetensors.numpy.save_file({"input": np.ascontiguousarray(x), "output": y}, folder / f"{name}.values.safetensors")
    model.save(folder / f"{name}.keras")
    model.save(folder / f"{name}.h5")
    if name != "sequential":  # such a file does not tell whether gamma or beta is missing
        model.save_weights(folder / f"{name}.weights.h5")


def main(samples):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([samples, "write", folder], check=True)
        written = check_written(folder)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for make in (sequential, pooled, residual, channels_first, deep):
            save(folder, make.__name__, make())
        files = sorted([*folder.glob("*.keras"), *folder.glob("*.h5")])
        subprocess.run([samples, "read", *files], check=True, stdout=subprocess.DEVNULL)
    print(f"Keras {keras.__version__}: {written} files of ferlab's loaded, {len(files)} of Keras's read")


main(sys.argv[1])
