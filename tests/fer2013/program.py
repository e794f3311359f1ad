#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the built fer2013 from end to end: program.py PATH_OF_FER2013. Needs Python's standard library only.
program.py PATH_OF_FER2013 --on-device: stops, kills and resumes a training on a CUDA device, and no more."""
import json
import os
import re
import signal
import struct
import subprocess
import sys
import unittest
import xml.etree.ElementTree
import zlib

from support import FOLDER, PROGRAM, WITH_OPENCV, Case, environment, make_faces, pgm, pixels, png, rows, run

MODEL = "whole/best.safetensors"
FACES = 200
TRAIN = ["train", "--data", "faces.csv", "--epochs", "3", "--batch-size", "16", "--seed", "7", "--threads", "2"]


def train(epochs):
    """TRAIN for fewer epochs, where those tell as much: trainings are what takes time here, above all under sanitizers."""
    return ["train", "--data", "faces.csv", "--epochs", epochs, *TRAIN[5:]]


def setUpModule():
    make_faces(FACES)
    trained = run(*TRAIN, "--output", "whole", "--json")
    assert trained.returncode == 0, trained.stderr
    (FOLDER / "whole.json").write_text(trained.stdout)
    (FOLDER / "whole.said").write_text(trained.stderr)
    for i in range(3):
        (FOLDER / f"face{i}.png").write_bytes(png(48, pixels(rows()[i])))
    (FOLDER / "face0.pgm").write_bytes(pgm(48, pixels(rows()[0])))
    (FOLDER / "text.txt").write_text("nothing of the kind\n")


class Training(Case):
    def test_leaves_what_it_says(self):
        result = json.loads((FOLDER / "whole.json").read_text())
        self.assertEqual((result["net"], result["epochs"], result["seed"]), ("compact", 3, 7))
        self.assertEqual([h["epoch"] for h in result["history"]], [1, 2, 3])
        for name in ("best.safetensors", "backup.safetensors", "history.csv", "report.html"):
            self.assertGreater((FOLDER / "whole" / name).stat().st_size, 100, name)
        self.assertTrue(list((FOLDER / "whole/logs").iterdir()))

    def stop(self, output, how, resume, until):
        words = [PROGRAM, *TRAIN, "--output", output, "--save-freq-seconds", "0", *(["--resume"] if resume else [])]
        running = subprocess.Popen(words, cwd=FOLDER, env=environment(), text=True, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        for line in running.stderr:
            if line.startswith(until):
                running.send_signal(how)
                break
        rest = running.stderr.read()
        running.stderr.close()
        return running.wait(), rest

    def saved_step(self, output):
        backup = (FOLDER / output / "backup.safetensors").read_bytes()
        header = json.loads(backup[8:8 + int.from_bytes(backup[:8], "little")])
        return int(header["__metadata__"]["state.run/step"])

    def test_stopped_twice_and_resumed_is_as_never_stopped(self):
        status, said = self.stop("stopped", signal.SIGINT, False, "Epoch 1/")
        self.assertEqual(status, 130, said)
        self.assertIn("--resume", said)
        first = self.saved_step("stopped")
        status, said = self.stop("stopped", signal.SIGKILL, True, "Epoch 2/")
        self.assertEqual(status, -signal.SIGKILL, said)
        self.assertGreater(self.saved_step("stopped"), first)  # what it saved before it was killed
        self.succeeds(*TRAIN, "--output", "stopped", "--resume")
        for name in ("best.safetensors", "history.csv"):
            self.assertEqual((FOLDER / "stopped" / name).read_bytes(), (FOLDER / "whole" / name).read_bytes(), name)

    def test_other_labels_are_not_resumed(self):
        changed = [rows()[0].replace(rows()[0][0], "6" if rows()[0][0] != "6" else "5", 1), *rows()[1:]]
        (FOLDER / "changed.csv").write_text("\n".join(["emotion,pixels,Usage", *changed, ""]))
        self.assertEqual(self.stop("changed", signal.SIGINT, False, "Epoch 1/")[0], 130)
        self.fails("the run had other training images or labels", *[w.replace("faces.csv", "changed.csv") for w in TRAIN],
                   "--output", "changed", "--resume")

    def test_half_is_smaller(self):
        self.succeeds(*TRAIN[:3], "--epochs", 1, "--output", "half", "--half", "--quiet")
        half, whole = ((FOLDER / f / "best.safetensors").stat().st_size for f in ("half", "whole"))
        self.assertLess(half, 0.6 * whole)
        self.succeeds("evaluate", "--data", "faces.csv", "--model", "half/best.safetensors")

    def test_regularization(self):
        bare = ["--no-augmentation", "--no-dropout", "--label-smoothing", 0, "--constant-learning-rate"]
        def history(epochs, *words):
            done = self.succeeds(*train(epochs), *words, "--output", "bare", "--json")
            return json.loads(done.stdout)["history"]
        plain = history(2, *bare)
        self.assertEqual({e["learning_rate"] for e in plain}, {plain[0]["learning_rate"]})
        self.assertNotEqual({e["learning_rate"] for e in history(2, *bare[:-1])}, {plain[0]["learning_rate"]})
        first = history(1, *bare)[0]["loss"]
        for changed in (bare[1:], bare[:1] + bare[2:], [*bare[:2], *bare[4:]], [*bare, "--l2", 1]):  # each does something
            self.assertNotEqual(history(1, *changed)[0]["loss"], first, changed)
        self.fails("--tutorial", "train", "--tutorial", "--l2", 1)

    def test_the_score_is_without_the_penalty_of_the_training(self):
        trained = json.loads(self.succeeds(*train(1), "--l2", 1, "--output", "penalized", "--json").stdout)
        found = json.loads(self.succeeds("evaluate", "--data", "faces.csv", "--usage", "PublicTest", "--model",
                                         "penalized/best.safetensors", "--json").stdout)
        self.assertEqual(trained["loss"], found["loss"])
        self.assertGreater(trained["history"][0]["val_loss"], 2 * found["loss"])
        said = re.search("L2 penalty</dt><dd>(.*?)</dd>", (FOLDER / "penalized/report.html").read_text())
        self.assertEqual(said[1], "1 on 8 of 8 kernels")

    def test_compare(self):
        for seed in (1, 2):
            self.succeeds(*train(1)[:-4], "--seed", seed, "--quiet", "--output", f"seeds/{seed}")
        done = self.succeeds("compare", "whole", "seeds/", "seeds/1", "--output", "charts")
        history = json.loads((FOLDER / "whole.json").read_text())["history"]
        best = max(history, key=lambda e: e["val_accuracy"])
        cells = [cell.strip() for cell in done.stdout.splitlines()[2].split("|")]
        self.assertEqual(cells[1:-1], ["whole", "1", "3", f"{100 * history[-1]['accuracy']:.1f}",
                                       f"{100 * history[-1]['val_accuracy']:.1f}", f"{100 * best['val_accuracy']:.1f}",
                                       str(best["epoch"])])
        self.assertRegex(done.stdout.splitlines()[3], r"^\| seeds \| 2 \| 1 \| [\d.]+ ± [\d.]+ \|")
        for name in ("seeds", "seeds-1"):
            self.assertEqual(xml.etree.ElementTree.parse(FOLDER / f"charts/{name}.svg").getroot().tag,
                             "{http://www.w3.org/2000/svg}svg")
        self.fails("none: there is no such folder", "compare", "whole", "none")
        self.fails("charts: expected history.csv of a training", "compare", "charts")
        self.fails("expected two folders or more", "compare", "whole", "--output", "charts")
        (FOLDER / "odd").mkdir()
        for text, wrong in (("epoch,loss\n", "odd/history.csv: there is no column accuracy"),
                            ("epoch,accuracy,val_accuracy,val_loss\n", "no epoch has ended yet"),
                            ("epoch,accuracy,val_accuracy,val_loss\n0,1,2\n", ":2: 3 fields, expected 4"),
                            ("epoch,accuracy,val_accuracy,val_loss\n0,x,2,3\n", ":2: x is no number")):
            (FOLDER / "odd/history.csv").write_text(text)
            self.fails(wrong, "compare", "odd")

    def test_errors(self):
        self.fails("cannot open no.csv", "train", "--data", "no.csv", "--output", "x")
        self.fails("cannot create folder", *TRAIN, "--output", "text.txt/x")
        self.fails("--net excludes --tutorial", "train", "--tutorial", "--net", "compact")
        self.fails("tpu not in", *TRAIN, "--device", "tpu")

    def test_one_training_in_a_folder(self):
        words = [*TRAIN[:3], "--epochs", 50, "--output", "shared"]
        first = subprocess.Popen([PROGRAM, *map(str, words)], cwd=FOLDER, env=environment(), text=True,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in first.stderr:
            if line.startswith("Epoch 1/"):
                break
        history = (FOLDER / "shared/history.csv").read_bytes()
        self.fails(f"shared: another training (process {first.pid}) is writing to this folder", *words)
        self.assertTrue((FOLDER / "shared/history.csv").read_bytes().startswith(history))
        first.kill()
        first.stderr.close()
        first.wait()
        self.succeeds(*TRAIN[:3], "--epochs", 1, "--output", "shared")  # the lock ended with its process

    def test_own_split(self):
        some = rows()
        def csv(name, lines, header="emotion,pixels,Usage"):
            (FOLDER / name).write_text("\n".join([header, *lines, ""]))
            return ["train", "--data", name, "--epochs", "1", "--quiet", "--output", name + ".out"]
        self.fails("the CSV has no rows with Usage Training, but 20 with PublicTest and 20 with PrivateTest",
                   *csv("tests_only.csv", [r for r in some if not r.endswith(",Training")]))
        said = self.succeeds(*csv("no_public.csv", [r for r in some if not r.endswith(",PublicTest")])).stderr
        self.assertIn("No PublicTest: a tenth of Training is kept for validation", said)
        self.assertRegex(said, r"\b144 images to train on, 16 to validate")
        without = [r.rpartition(",")[0] for r in some]
        one = [r for r in without if not r.startswith("1,")] + [next(r for r in without if r.startswith("1,"))]
        said = self.succeeds(*csv("one_of_a_class.csv", one, "emotion,pixels")).stderr
        self.assertIn("No Usage column: a tenth is kept for validation, and one for test", said)
        self.assertIn("1 row of classes with fewer than 10", said)
        self.succeeds(*csv("handful.csv", without[:12], "emotion,pixels"))

    def test_says_once_that_it_has_gone_wrong(self):
        said = self.succeeds(*train(2), "--learning-rate", "1e6", "--output", "wrong").stderr
        self.assertEqual(said.count("this training has gone wrong"), 1, said)
        self.assertNotIn("gone wrong", (FOLDER / "whole.said").read_text())

    def test_labels(self):
        from_1 = ["emotion;pixels"] + [f"{int(r[0]) + 1};{r.split(',')[1]}" for r in rows()[:20]]
        (FOLDER / "from_1.csv").write_text("\n".join([*from_1, from_1[0], ""]))
        names = "-,Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral"
        words = ["evaluate", "--data", "from_1.csv", "--model", MODEL, "--json"]
        self.fails("rows are malformed", *words)
        done = self.succeeds(*words, "--labels", names)
        self.assertIn("the header comes again in 1 line", done.stderr)
        (FOLDER / "first_20.csv").write_text("\n".join(["emotion,pixels,Usage", *rows()[:20], ""]))
        same = self.succeeds("evaluate", "--data", "first_20.csv", "--model", MODEL, "--json")
        self.assertEqual(json.loads(done.stdout)["loss"], json.loads(same.stdout)["loss"])
        left = self.succeeds(*words, "--labels", names.replace("Happy", "-")).stderr
        self.assertIn("rows that --labels calls -", left)
        self.fails("there is no class 'Joy'", *words, "--labels", "Joy")

    @unittest.skipIf(os.path.exists("/dev/nvidia0"), "there is a device")
    def test_no_device(self):
        self.fails("CUDA", *TRAIN, "--device", "cuda", "--output", "no_device")
        self.assertFalse((FOLDER / "no_device").exists())


class Evaluation(Case):
    def test_json(self):
        for usage, word, count in (("Training", "train", 160), ("PublicTest", "PublicTest", 20), ("PrivateTest", "Test", 20)):
            done = self.succeeds("evaluate", "--data", "faces.csv", "--model", MODEL, "--usage", word, "--json")
            result = json.loads(done.stdout)
            self.assertEqual((result["images"], result["usage"], result["net"]), (count, usage, "compact"))
            matrix = result["confusion_matrix"]
            self.assertEqual(sum(map(sum, matrix)), count)
            self.assertAlmostEqual(sum(matrix[i][i] for i in range(7)) / count, result["accuracy"])
            for name in ("loss", "macro_f1", "seconds", "images_per_second"):
                self.assertGreaterEqual(result[name], 0, name)
        for name in ("precision", "recall", "class_names"):
            self.assertEqual(len(result[name]), 7, name)

    def test_score_is_that_of_the_training(self):
        trained = json.loads((FOLDER / "whole.json").read_text())
        done = self.succeeds("evaluate", "--data", "faces.csv", "--model", MODEL, "--usage", "PublicTest", "--json")
        self.assertEqual(json.loads(done.stdout)["accuracy"], trained["accuracy"])

    def test_bad_rows(self):
        (FOLDER / "bad.csv").write_text("\n".join(["emotion,pixels,Usage", *rows()[:5], "3,1 2 3,Training", ""]))
        done = self.fails("bad.csv: 1 of 6 rows", "evaluate", "--data", "bad.csv", "--model", MODEL)
        self.assertIn("bad.csv:7: 3 pixels, expected 2304", done.stderr)
        done = self.succeeds("evaluate", "--data", "bad.csv", "--model", MODEL, "--skip-bad-rows", "--json")
        self.assertEqual(json.loads(done.stdout)["images"], 5)
        self.assertIn("skipped 1 bad row of 6", done.stderr)

    def test_errors(self):
        whole = (FOLDER / MODEL).read_bytes()
        (FOLDER / "cut.safetensors").write_bytes(whole[:len(whole) // 2])
        flipped = bytearray(whole)
        flipped[-1000:-900] = b"\x7f" * 100
        (FOLDER / "flipped.safetensors").write_bytes(flipped)
        length, = struct.unpack("<Q", whole[:8])
        for net in ("another", "tutorial"):  # as another program's model, and as a model of the other net
            header = json.loads(whole[8:8 + length])
            header["__metadata__"]["note.net"] = net
            text = json.dumps(header).encode()
            text += b" " * (-len(text) % 8)
            (FOLDER / (net + ".safetensors")).write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + length:])
        (FOLDER / "training.csv").write_text("\n".join(["emotion,pixels,Usage", *rows()[:2], ""]))
        data = ("evaluate", "--data", "faces.csv", "--model")
        self.fails("cannot open no.safetensors", *data, "no.safetensors")
        self.fails("text.txt: ", *data, "text.txt")
        self.fails("cut.safetensors: ", *data, "cut.safetensors")
        self.fails("flipped.safetensors: ", *data, "flipped.safetensors")
        self.fails("another", *data, "another.safetensors")
        self.fails("tutorial.safetensors: ", *data, "tutorial.safetensors")
        self.fails("cannot open no.csv", "evaluate", "--data", "no.csv", "--model", MODEL)
        self.fails("no row has Usage PrivateTest", "evaluate", "--data", "training.csv", "--model", MODEL, "--usage",
                   "PrivateTest")
        self.fails("whole holds a training, whose report.html would be lost", *data, MODEL, "--output", "whole")
        self.fails("(or train, val, test), got Foo", *data, MODEL, "--usage", "Foo")
        self.fails("cannot create folder", *data, MODEL, "--output", "text.txt/x")


class Prediction(Case):
    def probabilities(self, *words):
        return json.loads(self.succeeds("predict", "--model", MODEL, "--json", *words).stdout.splitlines()[0])

    def test_a_row_and_its_pictures_are_one(self):
        (FOLDER / "row.csv").write_text("pixels\n" + rows()[0].split(",")[1] + "\n")
        row = self.probabilities("--data", "row.csv")
        self.assertAlmostEqual(sum(row["probabilities"].values()), 1, places=5)
        self.assertEqual(max(row["probabilities"], key=row["probabilities"].get), row["label"])
        self.assertEqual(row["probabilities"], self.probabilities("face0.pgm")["probabilities"])
        if WITH_OPENCV:
            (FOLDER / "colour.png").write_bytes(png(48, pixels(rows()[0]), colour=True))
            for name in ("face0.png", "colour.png"):
                self.assertEqual(row["probabilities"], self.probabilities(name)["probabilities"], name)

    def test_as_text(self):
        done = self.succeeds("predict", "--model", MODEL, "face0.pgm")
        self.assertEqual(len(done.stdout.splitlines()), 8)

    def test_errors(self):
        (FOLDER / "cut.pgm").write_bytes(b"P5\n48 48\n255\n" + b"x" * 99)
        (FOLDER / "cut.png").write_bytes((FOLDER / "face0.png").read_bytes()[:500])
        for name in ("cut.pgm", "cut.png", "text.txt"):
            self.fails(name + ": ", "predict", "--model", MODEL, name)
        self.fails("cannot open no.png", "predict", "--model", MODEL, "no.png")
        if WITH_OPENCV:  # its header alone: nothing is decoded
            header = b"IHDR" + struct.pack(">IIBBBBB", 20000, 20000, 8, 0, 0, 0, 0)
            (FOLDER / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header +
                                              struct.pack(">I", zlib.crc32(header)))
            self.fails("huge.png: a picture of 20000x20000 pixels", "predict", "--model", MODEL, "huge.png")
            self.fails("huge.png: a picture of 20000x20000 pixels", "demo", "--model", MODEL, "--json", "--images", "huge.png")

    def test_tiny_pictures(self):
        (FOLDER / "tiny.pgm").write_bytes(b"P5\n48 1\n255\n" + b"x" * 48)
        self.assertIn("tiny.pgm: a picture of 48x1 pixels is too small to show a face",
                      self.succeeds("predict", "--model", MODEL, "tiny.pgm").stderr)
        self.assertEqual(self.succeeds("predict", "--model", MODEL, "face0.pgm").stderr, "")
        self.fails("got neither", "predict", "--model", MODEL)


class Words(Case):
    def test_help(self):
        for command in ("train", "compare", "evaluate", "predict", "summary", "describe", "faces", "demo"):
            self.assertIn("--", self.succeeds(command, "--help").stdout)
            self.assertIn(command, self.succeeds("--help").stdout)

    def test_usage_errors(self):
        self.fails("subcommand is required")
        self.fails("no command frobnicate", "frobnicate")
        self.fails("fer2013 evaluate --help", "evaluate", "--frobnicate")
        self.fails("--epochs", "train", "--epochs", "many")

    def test_summary(self):
        self.assertIn("5,905,863", self.succeeds("summary", "--net", "tutorial").stdout)

    def test_describe(self):
        said = self.succeeds("describe", "--data", "faces.csv").stdout
        self.assertRegex(said, r"(?m)^all +160 +20 +20 +200$")
        self.fails("cannot open no.csv", "describe", "--data", "no.csv")

    def test_faces_repeat(self):
        self.succeeds("faces", "--faces", 200, "--seed", 3, "--output", "again.csv")
        self.assertEqual((FOLDER / "again.csv").read_bytes(), (FOLDER / "faces.csv").read_bytes())
        self.fails("cannot write", "faces", "--faces", 10, "--output", "text.txt/faces.csv")


if __name__ == "__main__":
    if sys.argv[1:] == ["--on-device"]:
        FACES = 20000  # a device is fast, and must still be training when it is killed
        TRAIN += ["--device", "cuda"]
        sys.argv[1:] = ["Training.test_stopped_twice_and_resumed_is_as_never_stopped"]
    unittest.main()
