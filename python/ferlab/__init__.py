# SPDX-License-Identifier: MIT
"""Facial expressions from 48x48 grey faces: the networks that ferlab's fer2013 program trains, in Python.

    import ferlab
    model = ferlab.load("fer2013-compact/best.safetensors")
    images, labels, usages = ferlab.read_fer2013("fer2013.csv")
    test = usages == "PublicTest"
    loss, accuracy = model.evaluate(images[test], labels[test])

Arrays are numpy's: faces uint8 [n, 48, 48], grey, 0..255. An array of another shape or type is a TypeError; what else
goes wrong is a ferlab.Error.
"""
import importlib.metadata
import os
import pathlib

from . import _ferlab
from ._ferlab import Model, Preprocessing, draw_faces, read_fer2013
from .errors import ArgumentError, DataError, Error, FormatError, IoError

__all__ = ["ArgumentError", "DataError", "Error", "FormatError", "IoError", "Model", "Preprocessing", "draw_faces",
           "load", "read_fer2013"]

__version__ = importlib.metadata.version("ferlab")
_SHIPPED_WEIGHTS = pathlib.Path(__file__).with_name("fer2013-compact.safetensors")


def load(path: str | os.PathLike[str] | None = None, *, threads: int = 0, preprocessing: str = "") -> Model:
    """A trained network; without a path, the one that comes with ferlab.

    path: a model file of the fer2013 program, or one of its networks from Keras (.keras, .h5), ONNX, or PyTorch (a
        state_dict in safetensors).
    threads: how many it computes with; 0: one for each core.
    preprocessing: of a file that does not say what its network sees of a pixel: "raw" (0..255), "rescale" (0..1), or
        "SCALE,OFFSET" for pixel * SCALE + OFFSET.

    Raises IoError, or FormatError where the file is damaged or of another network.
    """
    return _ferlab.load(_SHIPPED_WEIGHTS if path is None else path, threads, preprocessing)
