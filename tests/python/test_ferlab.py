#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python module against the built fer2013, on the same faces: test_ferlab.py PATH_OF_FER2013, with tests/fer2013 on
PYTHONPATH."""
import gc
import importlib.metadata
import json
import os
import pathlib
import pydoc
import re
import shutil
import sys
import threading
import unittest

import ferlab
import numpy as np
from support import FOLDER, Case, make_faces, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "weights/fer2013-compact.safetensors"
FACES = 150  # more than two batches of 64
FEW = ["--faces", "70", "--epochs", "1", "--threads", "2"]


def setUpModule():
    global IMAGES, LABELS, USAGES
    make_faces(FACES)
    IMAGES, LABELS, USAGES = ferlab.read_fer2013(FOLDER / "faces.csv")
    trained = run("train", "--net", "tutorial", *FEW, "--output", "tutorial")
    assert trained.returncode == 0, trained.stderr


def each_model():
    yield SHIPPED
    yield FOLDER / "tutorial/best.safetensors"


class SameAsTheProgram(Case):
    def test_predictions(self):
        for path in each_model():
            said = self.succeeds("predict", "--data", "faces.csv", "--model", path, "--json").stdout.splitlines()
            model = ferlab.load(path)
            expected = [[json.loads(line)["probabilities"][name] for name in model.class_names] for line in said]
            found = model.predict(IMAGES)
            self.assertEqual((found.shape, found.dtype), ((FACES, 7), np.float32))
            np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)

    def test_evaluation(self):
        for path in each_model():
            for usage in ("Training", "PublicTest"):
                words = ["--data", "faces.csv", "--usage", usage, "--model", path, "--json"]
                said = json.loads(self.succeeds("evaluate", *words).stdout)
                model, chosen = ferlab.load(path), USAGES == usage
                loss, accuracy = model.evaluate(IMAGES[chosen], LABELS[chosen])
                self.assertAlmostEqual(loss, said["loss"], delta=1e-5)
                self.assertEqual(accuracy, said["accuracy"])
                self.assertEqual((model.net, model.class_names), (said["net"], said["class_names"]))
                matrix = model.confusion_matrix(IMAGES[chosen], LABELS[chosen])
                self.assertEqual(matrix.tolist(), said["confusion_matrix"])

    def test_summary(self):
        for path in each_model():
            model = ferlab.load(path)
            self.assertEqual(model.summary(), self.succeeds("summary", "--net", model.net).stdout)

    def test_faces(self):
        drawn = ferlab.draw_faces(FACES, seed=3)  # as make_faces
        for found, expected in zip(drawn, (IMAGES, LABELS, USAGES)):
            self.assertEqual(found.dtype, expected.dtype)
            np.testing.assert_array_equal(found, expected)

    def test_rows(self):
        rows = (FOLDER / "faces.csv").read_text().splitlines()[1:]
        for i in (0, FACES - 1):
            label, pixels, usage = rows[i].split(",")
            self.assertEqual((int(label), usage), (LABELS[i], USAGES[i]))
            self.assertEqual(list(map(int, pixels.split())), IMAGES[i].ravel().tolist())


class Files(Case):
    def test_shipped_weights_are_those_of_the_source(self):
        shipped, source = ferlab.load(), ferlab.load(str(SHIPPED))
        self.assertEqual((shipped.net, shipped.notes["net"]), ("compact", "compact"))
        self.assertEqual(shipped.preprocessing.name, "standardize")
        np.testing.assert_array_equal(shipped.predict(IMAGES), source.predict(IMAGES))

    def test_program_reads_what_was_saved(self):
        """Weights changed here are those that the program computes with."""
        for path in each_model():
            model = ferlab.load(path)
            weights = model.weights()
            last = list(weights)[-1]
            weights[last] = np.array([30, 0, 0, 0, 0, 0, 0])  # whole numbers and float64 become float32
            model.set_weights(weights)
            self.assertEqual(set(model.predict(IMAGES).argmax(axis=1)), {0})
            model.save(FOLDER / "changed.safetensors")
            words = ["--data", "faces.csv", "--model", "changed.safetensors", "--json"]
            said = json.loads(self.succeeds("evaluate", *words).stdout)
            np.testing.assert_allclose(model.evaluate(IMAGES, LABELS), (said["loss"], said["accuracy"]), rtol=1e-6)
            self.assertEqual(said["net"], model.net)

    def test_weights_come_back_as_they_were(self):
        for path in each_model():
            model, other = ferlab.load(path), ferlab.load(path)
            before = model.weights()
            other.set_weights({name: array + 1 for name, array in before.items()})
            self.assertGreater(np.abs(other.predict(IMAGES) - model.predict(IMAGES)).max(), 1e-3)
            other.set_weights(dict(reversed(before.items())))
            np.testing.assert_array_equal(other.predict(IMAGES), model.predict(IMAGES))
            other.save(FOLDER / "again.safetensors")
            again = ferlab.load(FOLDER / "again.safetensors").weights()
            self.assertEqual(list(again), list(before))
            for name, array in before.items():
                np.testing.assert_array_equal(again[name], array)

    def test_layouts_are_keras(self):
        weights = ferlab.load().weights()
        shapes = {name: array.shape for name, array in weights.items()}
        self.assertEqual(shapes["conv2d/kernel"], (3, 3, 1, 16))
        self.assertEqual(shapes["conv2d_1/kernel"], (3, 3, 16, 32))
        self.assertEqual((shapes["dense/kernel"], shapes["dense/bias"]), ((128, 7), (7,)))
        self.assertEqual(shapes["batch_norm/moving_variance"], (16,))
        self.assertEqual(sum(array.size for array in weights.values()), 293_671)
        self.assertEqual({array.dtype for array in weights.values()}, {np.dtype(np.float32)})

    def test_half(self):
        model = ferlab.load()
        model.save(FOLDER / "whole.safetensors")
        model.save(FOLDER / "half.safetensors", half=True)
        sizes = [(FOLDER / name).stat().st_size for name in ("whole.safetensors", "half.safetensors")]
        self.assertLess(sizes[1], 0.6 * sizes[0])
        half = ferlab.load(FOLDER / "half.safetensors")
        np.testing.assert_allclose(half.predict(IMAGES), model.predict(IMAGES), rtol=0, atol=0.01)


class Arrays(Case):
    def setUp(self):
        self.model = ferlab.load()

    def test_any_order_in_memory(self):
        expected = self.model.predict(IMAGES)
        for same in (np.asfortranarray(IMAGES), IMAGES[::-1].copy()[::-1], np.repeat(IMAGES, 2, axis=2)[:, :, ::2]):
            np.testing.assert_array_equal(self.model.predict(same), expected)
        read_only = IMAGES.copy()
        read_only.flags.writeable = False
        np.testing.assert_array_equal(self.model.predict(read_only), expected)

    def test_any_number_of_faces(self):
        expected = self.model.predict(IMAGES)
        for count in (0, 1, 63, 64, 65, 128):
            np.testing.assert_allclose(self.model.predict(IMAGES[:count]), expected[:count], rtol=0, atol=1e-6)

    def test_any_number_of_threads(self):
        expected = self.model.predict(IMAGES)
        for threads in (1, 2, 3):
            np.testing.assert_array_equal(ferlab.load(threads=threads).predict(IMAGES), expected)

    def test_what_labels_may_be(self):
        expected = self.model.evaluate(IMAGES, LABELS)
        for same in (LABELS.astype(np.int64), LABELS.tolist(), tuple(LABELS)):
            self.assertEqual(self.model.evaluate(IMAGES, same), expected)

    def test_results_outlive_the_model(self):
        model = ferlab.load()
        found, weights = model.predict(IMAGES), model.weights()
        copies = found.copy(), {name: array.copy() for name, array in weights.items()}
        model.set_weights({name: 0 * array for name, array in weights.items()})
        del model
        gc.collect()
        np.testing.assert_array_equal(found, copies[0])
        for name, array in weights.items():
            np.testing.assert_array_equal(array, copies[1][name])
            self.assertTrue(array.flags.writeable)


class Errors(Case):
    def setUp(self):
        self.model = ferlab.load()

    def refuses(self, kind, expected, call, *arguments, **more):
        with self.assertRaises(kind) as caught:
            call(*arguments, **more)
        self.assertIs(type(caught.exception), kind)
        self.assertIn(expected, str(caught.exception))

    def test_arrays_that_are_no_faces(self):
        for wrong, came in ((IMAGES / 255, "got float64 (150, 48, 48)"), (IMAGES.astype(np.int64), "got int64"),
                            (IMAGES[0], "got uint8 (48, 48)"), (IMAGES[:, :, :, None], "got uint8 (150, 48, 48, 1)"),
                            (IMAGES[:, 1:], "got uint8 (150, 47, 48)"), (IMAGES.tolist(), "got list"),
                            ("faces.csv", "got str")):
            self.refuses(TypeError, f"faces: expected uint8 [n, 48, 48], {came}", self.model.predict, wrong)
            self.refuses(TypeError, came, self.model.evaluate, wrong, LABELS)
            self.refuses(TypeError, came, self.model.confusion_matrix, wrong, LABELS)

    def test_labels(self):
        for score in (self.model.evaluate, self.model.confusion_matrix):
            self.refuses(TypeError, "labels: expected whole numbers [n], got float64 (150,)", score, IMAGES, LABELS / 1)
            self.refuses(TypeError, "got float64 (150, 7)", score, IMAGES, np.eye(7)[LABELS])
            self.refuses(TypeError, "got list", score, IMAGES, ["Happy"] * FACES)
            self.refuses(ferlab.ArgumentError, "expected 150, one a face, got 149", score, IMAGES, LABELS[1:])
            for wrong in (-1, 7, 255, 300):
                expected = f"expected 0 to 6, got {wrong} at place 1"
                self.refuses(ferlab.ArgumentError, expected, score, IMAGES[:2], [0, wrong])
        self.refuses(ferlab.ArgumentError, "the data set is empty", self.model.evaluate, IMAGES[:0], [])

    def test_weights(self):
        before = self.model.weights()
        changed = {name: array + 1 for name, array in before.items()}
        name = list(before)[-1]
        for kind, expected, wrong in (
                (ferlab.ArgumentError, f"{name} is missing", {k: v for k, v in changed.items() if k != name}),
                (ferlab.ArgumentError, "no weights named 'dense_9/bias'", {**changed, "dense_9/bias": np.zeros(7)}),
                (TypeError, f"{name}: expected float32 [7], got float64 (8,)", {**changed, name: np.zeros(8)}),
                (TypeError, f"{name}: expected float32 [7], got complex128", {**changed, name: np.zeros(7, complex)}),
                (TypeError, f"{name}: expected float32 [7], got list", {**changed, name: [0.0] * 7})):
            self.refuses(kind, expected, self.model.set_weights, wrong)
        for name, array in self.model.weights().items():  # nothing has changed
            np.testing.assert_array_equal(array, before[name])

    def test_files(self):
        (FOLDER / "text.csv").write_text("nothing of the kind\n")
        (FOLDER / "cut.safetensors").write_bytes(SHIPPED.read_bytes()[:-9])
        self.refuses(ferlab.IoError, "cannot open no.safetensors", ferlab.load, "no.safetensors")
        self.refuses(ferlab.IoError, "no.csv", ferlab.read_fer2013, "no.csv")
        self.refuses(ferlab.IoError, "cannot write", self.model.save, FOLDER / "text.csv/model.safetensors")
        self.refuses(ferlab.FormatError, "cut.safetensors", ferlab.load, FOLDER / "cut.safetensors")
        self.refuses(ferlab.FormatError, "text.csv", ferlab.load, FOLDER / "text.csv")
        self.refuses(ferlab.DataError, "text.csv", ferlab.read_fer2013, FOLDER / "text.csv")
        self.refuses(ferlab.ArgumentError, "1024 threads, got -1", ferlab.load, threads=-1)
        self.refuses(ferlab.ArgumentError, "count", ferlab.draw_faces, 0)

    def test_how_rows_are_read(self):
        rows = (FOLDER / "faces.csv").read_text().splitlines()
        (FOLDER / "bad.csv").write_text("\n".join([*rows, "3,1 2 3,Training"]))
        self.refuses(ferlab.DataError, str(FACES + 2), ferlab.read_fer2013, FOLDER / "bad.csv")
        np.testing.assert_array_equal(ferlab.read_fer2013(FOLDER / "bad.csv", skip_bad_rows=True)[0], IMAGES)
        (FOLDER / "pixels.csv").write_text("\n".join(["pixels", *(row.split(",")[1] for row in rows[1:])]))
        self.refuses(ferlab.DataError, "emotion", ferlab.read_fer2013, FOLDER / "pixels.csv")
        images, labels, usages = ferlab.read_fer2013(FOLDER / "pixels.csv", allow_unlabelled=True)
        np.testing.assert_array_equal(images, IMAGES)
        self.assertEqual((set(labels), set(usages)), ({255}, {"unknown"}))
        swapped = ["Disgust", "Angry", "Fear", "Happy", "Sad", "Surprise", "-"]
        labels = ferlab.read_fer2013(FOLDER / "faces.csv", labels=swapped)[1]
        np.testing.assert_array_equal(labels, np.array([1, 0, 2, 3, 4, 5])[LABELS[LABELS < 6]])

    def test_family(self):
        for kind, python in ((ferlab.ArgumentError, ValueError), (ferlab.DataError, ValueError),
                             (ferlab.FormatError, ValueError), (ferlab.IoError, OSError)):
            self.assertTrue(issubclass(kind, ferlab.Error) and issubclass(kind, python))


class Threads(Case):
    def test_others_run_meanwhile(self):
        """Python takes the lock from a thread only where the thread gives it up: within the calls, or not at all."""
        model, (images, labels, _) = ferlab.load(), ferlab.draw_faces(1000)
        calls = {"predict": lambda: model.predict(images), "evaluate": lambda: model.evaluate(images, labels),
                 "confusion_matrix": lambda: model.confusion_matrix(images, labels),
                 "draw_faces": lambda: ferlab.draw_faces(1000)}
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1000)
        try:
            for name, call in calls.items():
                gate, ran = threading.Lock(), []
                gate.acquire()
                waiting = threading.Event()
                other = threading.Thread(target=lambda: (waiting.set(), gate.acquire(), ran.append(True)))
                other.start()
                waiting.wait()
                gate.release()
                self.assertFalse(ran)
                call()
                self.assertTrue(ran, f"no other thread ran during {name}")
                other.join()
        finally:
            sys.setswitchinterval(interval)

    def test_a_model_is_shared(self):
        model = ferlab.load(threads=2)
        first, second = model.weights(), {name: 0.9 * array for name, array in model.weights().items()}
        expected = [model.predict(IMAGES)]
        model.set_weights(second)
        expected.append(model.predict(IMAGES))
        found = []

        def use(weights):
            for _ in range(5):
                model.set_weights(weights)
                found.append(model.predict(IMAGES))

        users = [threading.Thread(target=use, args=(weights,)) for weights in (first, second)]
        for user in users:
            user.start()
        for user in users:
            user.join()
        self.assertEqual(len(found), 10)
        for probabilities in found:  # of one set of weights or the other, never of a mixture
            self.assertTrue(any(np.array_equal(probabilities, other) for other in expected))


class Package(Case):
    def test_version(self):
        self.assertIn(f'FERLAB_VERSION "{ferlab.__version__}"', (ROOT / "include/ferlab/version.hpp").read_text())
        self.assertEqual(importlib.metadata.version("ferlab"), ferlab.__version__)

    def test_documentation(self):
        """Each public name says what it is, and so does each of Model's."""
        for owner, names in ((ferlab, ferlab.__all__), (ferlab.Model, [n for n in vars(ferlab.Model) if n[0] != "_"])):
            for name in names:
                self.assertTrue(getattr(owner, name).__doc__, name)
        text = pydoc.render_doc(ferlab, renderer=pydoc.plaintext)
        for expected in ("float32 [n, 7]", "uint8 [n, 48, 48]", "predict(self, faces", "class IoError"):
            self.assertIn(expected, text)

    def test_what_it_looks_like(self):
        model = ferlab.load(threads=2)
        self.assertEqual(repr(model), "<ferlab.Model: net compact, 293,671 parameters, 2 threads>")
        expected = r"<ferlab.Preprocessing: standardize, pixel \* 0\.01\d+ \+ -1\.9\d+>"
        self.assertRegex(repr(model.preprocessing), expected)

    def test_page(self):
        """What docs/python.md shows runs, in a folder with the files that it names."""
        (FOLDER / "fer2013-compact").mkdir()
        shutil.copy(SHIPPED, FOLDER / "fer2013-compact/best.safetensors")
        shutil.copy(FOLDER / "faces.csv", FOLDER / "fer2013.csv")
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(FOLDER)
        names = {"print": lambda *_: None}
        for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs/python.md").read_text(), re.S):
            exec(block, names)
        self.assertEqual(names["probabilities"].shape, (names["test"].sum(), 7))
        self.succeeds("evaluate", "--data", "fer2013.csv", "--model", "adjusted.safetensors")


if __name__ == "__main__":
    unittest.main()
