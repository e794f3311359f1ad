# SPDX-License-Identifier: MIT
"""What the module's types promise, as `mypy --strict` reads them. It is not run."""
import pathlib

import ferlab
import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

model = ferlab.load()
assert_type(model, ferlab.Model)
assert_type(ferlab.load(pathlib.Path("best.safetensors"), threads=2), ferlab.Model)
images, labels, usages = ferlab.read_fer2013("fer2013.csv", labels=["-", "Angry"])
assert_type(images, NDArray[np.uint8])
assert_type(labels, NDArray[np.uint8])
assert_type(usages, NDArray[np.str_])
assert_type(model.predict(images), NDArray[np.float32])
assert_type(model.evaluate(images, labels), tuple[float, float])
assert_type(model.evaluate(images, [0, 1]), tuple[float, float])
assert_type(model.confusion_matrix(images, labels), NDArray[np.int64])
assert_type(model.weights(), dict[str, NDArray[np.float32]])
assert_type(model.class_names, list[str])
assert_type(model.preprocessing.scale, float)
assert_type(model.notes, dict[str, str])
model.set_weights(model.weights())
model.save("copy.safetensors", half=True)
error: OSError = ferlab.IoError("cannot open it")
model.predict(images / 255)  # type: ignore[arg-type]  # not pixels: strict mypy warns where nothing is ignored
