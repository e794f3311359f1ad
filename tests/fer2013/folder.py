#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A folder of pictures is to fer2013 what the CSV of the same rows is: folder.py PATH_OF_FER2013. Needs Python's standard
library only. The environment's FERLAB_FER2013_CSV names a real CSV, of which all rows are compared as well."""
import json
import os
import pathlib
import time
import unittest

from support import FOLDER, WITH_OPENCV, Case, make_faces, pgm, png

WORDS = ["anger", "DISGUSTED", "Fearful", "happy", "SAD", "surprised", "Neutral"]  # not in the order of the labels
SPLITS = {"Training": "train", "PublicTest": "Val", "PrivateTest": "test"}


def setUpModule():
    make_faces(200)


def unpack(csv, name, picture):
    """The rows of a CSV as the folder `name`, and, in the folder's order, as name.csv. Gives the number of rows."""
    header, *rows = csv.read_text().splitlines()
    rows = [row.split(",") for row in rows]
    order = sorted(range(len(rows)), key=lambda i: (list(SPLITS).index(rows[i][2]), int(rows[i][0]), i))
    for i in order:
        label, numbers, usage = rows[i]
        path = FOLDER / name / SPLITS[usage] / WORDS[int(label)] / f"face {i:06}.jpg"  # what is inside counts
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(48, bytes(map(int, numbers.split()))))
    (FOLDER / f"{name}.csv").write_text("\n".join([header, *(",".join(rows[i]) for i in order), ""]))
    return len(rows)


class FolderIsCsv(Case):
    def same(self, name, *words, drop=("seconds", "images_per_second", "data", "model", "history")):
        """What `words` give as JSON of the folder and of its CSV, which must be the same."""
        results = []
        for data in (name, name + ".csv"):
            output = ["--output", "out-" + data] if words[0] == "train" else []
            result = json.loads(self.succeeds(*words, "--json", "--data", data, *output).stdout)
            history = [[h[n] for n in ("loss", "accuracy", "val_loss", "val_accuracy")] for h in result.get("history", [])]
            results.append({**{k: v for k, v in result.items() if k not in drop}, "curve": history})
        self.assertEqual(*results)
        return results[0]

    def test_pictures_of_the_library(self):
        self.compare("pgm", pgm)

    def test_pictures_of_opencv(self):
        if not WITH_OPENCV:
            self.skipTest("built without OpenCV")
        self.compare("png", png)

    def compare(self, name, picture):
        count = unpack(FOLDER / "faces.csv", name, picture)
        self.assertEqual(*(self.succeeds("describe", "--data", data).stdout for data in (name, name + ".csv")))
        self.assertEqual(self.same(name, "evaluate")["images"], count)
        self.succeeds("evaluate", "--data", name, "--output", name + "-report")
        self.assertRegex((FOLDER / f"{name}-report/report.html").read_text(), r"<small>\w+/face \d+\.jpg</small>")
        for usage in SPLITS:
            self.same(name, "evaluate", "--usage", usage)
        self.same(name, "train", "--epochs", 2, "--threads", 2, "--quiet")
        lines = self.succeeds("predict", "--data", name, "--usage", "PublicTest", "--json").stdout.splitlines()
        rows = self.succeeds("predict", "--data", name + ".csv", "--usage", "PublicTest", "--json").stdout.splitlines()
        self.assertEqual(len(lines), len(rows))
        for line, row in zip(map(json.loads, lines), map(json.loads, rows)):
            self.assertEqual(line["probabilities"], row["probabilities"])
            self.assertTrue((FOLDER / line["image"]).is_file(), line["image"])

    def test_resumed_from_the_csv(self):
        """The same images and labels, wherever they come from."""
        unpack(FOLDER / "faces.csv", "again", pgm)
        words = ["train", "--epochs", 1, "--threads", 2, "--quiet", "--output", "resumed"]
        self.succeeds(*words, "--data", "again.csv")
        self.succeeds(*words, "--data", "again", "--resume")
        next((FOLDER / "again/train/happy").iterdir()).write_bytes(pgm(48, bytes(48 * 48)))
        self.fails("the run had other training images or labels", *words, "--data", "again", "--resume")

    def test_real(self):
        real = os.environ.get("FERLAB_FER2013_CSV")
        if not real or not WITH_OPENCV:
            self.skipTest("FERLAB_FER2013_CSV names no file" if WITH_OPENCV else "built without OpenCV")
        count = unpack(pathlib.Path(real), "real", png)
        said, seconds = [], []
        for data in ("real", "real.csv"):
            start = time.monotonic()
            said.append(self.succeeds("describe", "--data", data).stdout)
            seconds.append(time.monotonic() - start)
        print(f"describe of {count} rows: folder {seconds[0]:.2f} s, CSV {seconds[1]:.2f} s")
        self.assertEqual(*said)
        self.assertEqual(self.same("real", "evaluate")["images"], count)


class Splits(Case):
    TRAIN = ["train", "--epochs", 1, "--quiet", "--data"]

    @classmethod
    def setUpClass(cls):
        unpack(FOLDER / "faces.csv", "splits", pgm)

    def link(self, name, *splits):
        (FOLDER / name).mkdir()
        for split in splits:
            (FOLDER / name / split).symlink_to(FOLDER / "splits" / split)
        return [*self.TRAIN, name, "--output", name + ".out"]

    def test_train_and_test_only(self):
        said = self.succeeds(*self.link("two", "train", "test")).stderr
        self.assertIn("No folder val: a tenth of train is kept for validation", said)
        self.assertRegex(said, r"\b144 images to train on, 16 to validate")

    def test_no_train(self):
        self.fails("the folder has no pictures in train, but 20 in val and 20 in test", *self.link("tests", "Val", "test"))

    def test_no_splits(self):
        said = self.succeeds(*self.TRAIN, "splits/train", "--output", "own.out").stderr
        self.assertIn("No folders train, val and test: a tenth is kept for validation, and one for test", said)

    def test_errors(self):
        (FOLDER / "odd/joy").mkdir(parents=True)
        (FOLDER / "odd/joy/1.pgm").write_bytes(pgm(1, b"x"))
        self.fails("odd/joy: there is no class joy (move the folder away to leave it out); the classes are Angry, Disgust", "describe", "--data", "odd")
        (FOLDER / "bad/sad").mkdir(parents=True)
        (FOLDER / "bad/sad/1.pgm").write_bytes(pgm(96, b"x" * 96 * 96))
        (FOLDER / "bad/sad/2.png").write_bytes(png(48, b"x" * 48 * 48)[:60])
        (FOLDER / "bad/note.txt").write_text("about")
        said = self.fails("bad: 1 of 2 files cannot be read", "evaluate", "--data", "bad").stderr
        self.assertIn("\n  bad/sad/2.png: the picture is cut short", said)
        said = self.succeeds("describe", "--data", "bad", "--skip-bad-rows").stderr
        self.assertEqual(said.splitlines(), [
            "bad: skipped 1 bad file of 2: bad/sad/2.png: the picture is cut short or damaged",
            "bad: passed over 1 file beside the folders: bad/note.txt",
            "bad: resized 1 picture of 1 to 48x48, most of them from 96x96"])
        (FOLDER / "left/0").mkdir(parents=True)
        (FOLDER / "left/1").mkdir()
        for name in ("left/0/1.pgm", "left/1/1.pgm"):
            (FOLDER / name).write_bytes(pgm(48, b"x" * 48 * 48))
        done = self.succeeds("describe", "--data", "left", "--labels", "-,Sad")
        self.assertIn("left: left out 1 file that --labels calls -", done.stderr)
        self.assertRegex(done.stdout, r"(?m)^4 Sad +1 +1$")
        predicted = self.succeeds("predict", "--data", "left", "--labels", "-,Sad", "--json").stdout.splitlines()
        self.assertEqual([json.loads(line)["image"] for line in predicted], ["left/1/1.pgm"])


if __name__ == "__main__":
    unittest.main()
