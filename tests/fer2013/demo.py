#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fer2013 demo without a camera: demo.py PATH_OF_FER2013. Needs Python's standard library only."""
import json
import pathlib
import shutil
import struct
import unittest

from support import FOLDER, WITH_OPENCV, Case, make_faces, pixels, png, rows

MODEL = pathlib.Path(__file__).parents[2] / "weights/fer2013-compact.safetensors"


def setUpModule():
    if not WITH_OPENCV:
        raise unittest.SkipTest("built without OpenCV")
    make_faces(70)
    for i in range(3):
        (FOLDER / f"face{i}.png").write_bytes(png(48, pixels(rows()[i])))
    (FOLDER / "text.txt").write_text("nothing of the kind\n")


class Demo(Case):
    def demo(self, *words, model=MODEL, detector="whole"):
        return ("demo", "--model", model, "--detector", detector, *words)

    def frames(self, *words, **more):
        return [json.loads(line) for line in self.succeeds(*self.demo("--json", *words), **more).stdout.splitlines()]

    def test_pictures(self):
        frames = self.frames("--output", "shown", "--images", "face0.png", "face1.png", "face0.png")
        self.assertEqual([f["image"] for f in frames], ["face0.png", "face1.png", "face0.png"])
        for name in ("face0-demo.png", "face1-demo.png", "face0-demo-2.png"):
            self.assertTrue((FOLDER / "shown" / name).read_bytes().startswith(b"\x89PNG"), name)
        self.assertEqual(frames[0]["faces"][0]["box"], [0, 0, 48, 48])
        predicted = json.loads(self.succeeds("predict", "--model", MODEL, "--json", "face0.png").stdout)
        for frame in frames[::2]:
            self.assertEqual(frame["faces"][0]["probabilities"], predicted["probabilities"])

    def test_json_alone_needs_no_display(self):
        self.assertEqual(len(self.frames("--images", "face0.png", "face1.png")), 2)

    def test_no_face(self):
        done = self.succeeds("demo", "--model", MODEL, "--json", "--images", "face0.png")
        self.assertEqual(json.loads(done.stdout)["faces"], [])
        self.assertIn("face0.png: no face found", done.stderr)

    def test_video(self):
        self.raw_video("made.avi", [f"face{i}.png" for i in range(3)])
        frames = self.frames("--video", "made.avi", "--output", "video", "--smoothing", "0.5")
        self.assertGreaterEqual(len(frames), 3)
        again = self.frames("--video", "video/demo.avi", "--max-frames", "2")  # what it writes, it can read
        self.assertEqual([f["frame"] for f in again], [0, 1])
        raw = self.frames("--video", "made.avi", "--smoothing", "0")
        for label, first in raw[0]["faces"][0]["probabilities"].items():
            second = raw[1]["faces"][0]["probabilities"][label]
            self.assertAlmostEqual(frames[1]["faces"][0]["probabilities"][label], (first + second) / 2, places=5)

    def raw_video(self, name, pictures):
        """An AVI of uncompressed frames, which needs no encoder."""
        size = 96
        frames = []
        for i in range(len(pictures)):
            grey = pixels(rows()[i])
            lines = [bytes(grey[y // 2 * 48 + x // 2] for x in range(size) for _ in range(3)) for y in range(size)]
            frames.append(b"".join(reversed(lines)))  # bottom up

        def chunk(kind, data):
            return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

        def listed(kind, *chunks):
            return chunk(b"LIST", kind + b"".join(chunks))
        length = size * size * 3
        header = struct.pack("<14I", 100000, length * 10, 0, 0x10, len(frames), 0, 1, length, size, size, 0, 0, 0, 0)
        stream = b"vids" + b"DIB " + struct.pack("<IHHIIIIIIIIHHHH", 0, 0, 0, 0, 1, 10, 0, len(frames), length, 0, 0, 0,
                                                 0, size, size)
        format_ = struct.pack("<IiiHHIIiiII", 40, size, size, 1, 24, 0, length, 0, 0, 0, 0)
        body = b"AVI " + listed(b"hdrl", chunk(b"avih", header),
                                listed(b"strl", chunk(b"strh", stream), chunk(b"strf", format_)))
        body += listed(b"movi", *(chunk(b"00db", f) for f in frames))
        (FOLDER / name).write_bytes(chunk(b"RIFF", body))

    def test_window(self):
        if not shutil.which("xvfb-run"):
            print("SKIPPED window: there is no xvfb-run")
            return
        done = self.succeeds(*self.demo("--images", "face0.png", "face1.png", "--max-frames", "2"),
                             before=("xvfb-run", "-a"))
        self.assertIn("2 frames, 2 faces", done.stderr)

    def test_errors(self):
        images = ("--images", "face0.png", "--output", "x")
        (FOLDER / "no_cascade.xml").write_text('<?xml version="1.0"?><opencv_storage><a>1</a></opencv_storage>')
        (FOLDER / "cut.avi").write_bytes(b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(100))
        self.fails("cannot open camera 99", *self.demo("--camera", 99, "--output", "x"))
        self.fails("there is no display", *self.demo("--images", "face0.png"))
        self.fails("there is no display", *self.demo("--images", "face0.png"), DISPLAY=":4321")
        self.fails("there is no display", *self.demo("--images", "face0.png"), QT_QPA_PLATFORM="none")
        self.fails("cannot open no.safetensors", *self.demo(*images, model="no.safetensors"))
        self.fails("cannot open the face detector no.xml", *self.demo(*images, detector="no.xml"))
        self.fails("not a cascade", *self.demo(*images, detector="no_cascade.xml"))
        self.fails("not a cascade", *self.demo(*images, detector="text.txt"))
        self.fails("cannot open no.png", *self.demo("--images", "no.png", "--output", "x"))
        self.fails("not a picture", *self.demo("--images", "text.txt", "--output", "x"))
        self.fails("cannot open no.avi", *self.demo("--video", "no.avi", "--output", "x"))
        self.fails("not a video", *self.demo("--video", "text.txt", "--output", "x"))
        self.fails("cut.avi", *self.demo("--video", "cut.avi", "--output", "x"))
        self.fails("cannot create folder", *self.demo("--images", "face0.png", "--output", "text.txt/x"))


if __name__ == "__main__":
    unittest.main()
