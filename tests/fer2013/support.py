# SPDX-License-Identifier: MIT
"""What the tests of the built fer2013 share. Each is run as TEST.py PATH_OF_FER2013 [MORE...] and works in FOLDER, which
is gone at its end."""
import atexit
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
_folder = tempfile.TemporaryDirectory()
atexit.register(_folder.cleanup)
FOLDER = pathlib.Path(_folder.name)


def environment(**changes):
    plain = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return {**plain, **changes}


def run(*words, before=(), **changes):
    return subprocess.run([*before, PROGRAM, *map(str, words)], cwd=FOLDER, env=environment(**changes), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=800)


def make_faces(count):
    """The built-in faces, as faces.csv."""
    made = run("faces", "--faces", count, "--seed", 3, "--output", "faces.csv")
    assert made.returncode == 0, made.stderr


def rows():
    return (FOLDER / "faces.csv").read_text().splitlines()[1:]


def pixels(row):
    return bytes(map(int, row.split(",")[1].split()))


def png(size, grey, colour=False):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    spread = bytes(v for v in grey for _ in range(3)) if colour else grey
    stride = size * (3 if colour else 1)
    lines = b"".join(b"\0" + spread[y * stride:(y + 1) * stride] for y in range(size))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2 if colour else 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def pgm(size, grey):
    return b"P5\n%d %d\n255\n" % (size, size) + grey


class Case(unittest.TestCase):
    def succeeds(self, *words, **more):
        done = run(*words, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def fails(self, expected, *words, **more):
        """One clear line, a status that is not zero, and no death by a signal."""
        done = run(*words, **more)
        self.assertGreater(done.returncode, 0, done.stdout + done.stderr)
        ours = [line for line in done.stderr.splitlines() if line.startswith("fer2013: ")]
        self.assertEqual(len(ours), 1, done.stderr)
        self.assertIn(expected, ours[0])
        self.assertNotIn("terminate", done.stderr)
        return done


WITH_OPENCV = "needs OpenCV" not in run("demo", "--max-frames", "1").stderr
