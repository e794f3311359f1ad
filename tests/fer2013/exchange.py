#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs fer2013 export, import and inspect: exchange.py PATH_OF_FER2013 [COMPILER WORDS...]. With a compiler, what inspect
writes is compiled and run."""
import json
import pathlib
import subprocess
import sys
import unittest

from support import FOLDER, Case, make_faces

FACES = 120
SHIPPED = pathlib.Path(__file__).parents[2] / "weights/fer2013-compact.safetensors"
FILES = {"keras": "m.keras", "h5": "m.h5", "onnx": "m.onnx", "safetensors": "m.pytorch.safetensors"}
COMPILER = sys.argv[1:]


def setUpModule():
    make_faces(FACES)


class Exchange(Case):
    def export(self, to, *words):
        return self.succeeds("export", "--to", to, "--model", SHIPPED, "--output", FILES[to], *words).stderr

    def score(self, model, *words):
        said = self.succeeds("evaluate", "--data", "faces.csv", "--model", model, "--json", "--threads", 2, *words)
        return json.loads(said.stdout), said.stderr

    def same(self, found, expected):
        self.assertAlmostEqual(found["loss"], expected["loss"], delta=1e-4)
        self.assertEqual(found["confusion_matrix"], expected["confusion_matrix"])
        self.assertEqual((found["net"], found["class_names"]), ("compact", expected["class_names"]))

    def test_a_model_is_the_same_in_every_format(self):
        expected, _ = self.score(SHIPPED)
        for to, file in FILES.items():
            self.assertIn(f"{file}: the compact net; its inputs are pixel * 0.", self.export(to))
            found, said = self.score(file)
            self.same(found, expected)
            self.assertEqual(said, "", to)  # the file says how pixels are prepared
            self.succeeds("import", file, "--output", "back.safetensors")
            self.same(self.score("back.safetensors")[0], expected)

    def test_a_model_that_prepares_its_pixels(self):
        expected, _ = self.score(SHIPPED)
        for to, words in (("keras", ["--with-preprocessing"]), ("h5", ["--with-preprocessing"]),
                          ("onnx", ["--with-preprocessing"]), ("onnx", ["--uint8"])):
            self.assertIn("its inputs are pixels, 0..255", self.export(to, *words))
            self.same(self.score(FILES[to])[0], expected)

    def test_what_is_named(self):
        self.succeeds("export", "--to", "keras", "--model", SHIPPED)
        self.succeeds("import", "fer2013-compact.keras")
        self.same(self.score("fer2013-compact.safetensors")[0], self.score(SHIPPED)[0])

    def test_preprocessing_that_the_file_does_not_say(self):
        self.export("safetensors")
        file = FOLDER / FILES["safetensors"]
        data = file.read_bytes()
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8:8 + size])
        scale, offset = (json.loads(header["__metadata__"]["ferlab.preprocessing"])[key] for key in ("scale", "offset"))
        header["__metadata__"] = {"format": "pt"}
        text = json.dumps(header).encode()
        (FOLDER / "bare.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data[8 + size:])
        expected, _ = self.score(SHIPPED)
        found, said = self.score("bare.safetensors")
        self.assertIn("bare.safetensors does not say how its pixels are prepared", said)
        self.assertNotAlmostEqual(found["loss"], expected["loss"], delta=0.1)
        found, said = self.score("bare.safetensors", "--preprocessing", f"{scale},{offset}")
        self.same(found, expected)
        self.assertEqual(said, "")
        self.fails("--preprocessing: expected raw, rescale, or SCALE,OFFSET", "import", "bare.safetensors",
                   "--preprocessing", "0.5", "--output", "no.safetensors")
        self.assertFalse((FOLDER / "no.safetensors").exists())

    def test_inspect(self):
        self.export("h5")
        source = self.succeeds("inspect", FILES["h5"]).stdout
        self.assertIn("Conv2D<128, 3>{}, ReLU{}, BatchNorm{}, GlobalAveragePool{}, Dropout{0.5f},", source)
        if not COMPILER:
            self.skipTest("no compiler")
        (FOLDER / "inspected.cpp").write_text(source)
        subprocess.run([*COMPILER, "inspected.cpp", "-o", "inspected"], cwd=FOLDER, check=True)
        said = subprocess.run(["./inspected"], cwd=FOLDER, check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(said, self.succeeds("summary", "--net", "compact").stdout)

    def test_errors(self):
        self.export("onnx")
        (FOLDER / "page.h5").write_text("<!DOCTYPE html>\n<html>")
        (FOLDER / "other.h5").write_bytes(SHIPPED.read_bytes()[:5000])
        self.fails("page.h5: this is a web page, not a model", "inspect", "page.h5")
        self.fails("other.h5: ", "import", "other.h5")
        self.fails("this is a model of ferlab's own; load_model reads it", "inspect", SHIPPED)
        self.fails("--uint8: expected with --to onnx, got --to keras", "export", "--to", "keras", "--uint8")
        self.fails("--to", "export")
        self.fails("is the file that is read", "import", FILES["onnx"], "--output", FILES["onnx"])
        self.fails("cannot open none.onnx", "import", "none.onnx")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
