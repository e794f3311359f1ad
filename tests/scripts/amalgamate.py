#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""amalgamate.py COMPILER: what scripts/amalgamate writes has each file that the compiler reads through the headers, and once,
and compiles on its own. (That programs do the same with it is a consumer's test.)"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def amalgamate(*headers):
    return subprocess.run([ROOT / "scripts/amalgamate", *headers], capture_output=True, text=True)


class OneHeader(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def compile(self, text, *words):
        unit = self.folder / "unit.cpp"
        unit.write_text(text)
        return subprocess.run([COMPILER, "-std=c++20", "-Wall", "-Wextra", "-Werror", *words, unit], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def check(self, *headers):
        text = amalgamate(*headers).stdout
        includes = "".join(f"#include <{header}>\n" for header in headers or ["ferlab/ferlab.hpp"])
        wanted = re.findall(r"include/(ferlab/\S+)", self.compile(includes, "-MM", f"-I{ROOT}/include"))
        marks = re.findall(r"^// (ferlab/\S+\.hpp)$", text, re.M)
        self.assertEqual(set(marks), set(wanted))  # that none is there twice, the compiler says
        self.assertEqual(re.findall(r'^\s*#\s*(?:include ["F]|pragma once).*', text, re.M), ["#pragma once"])
        (self.folder / "one.hpp").write_text(text)
        self.compile('#include "one.hpp"\n' * 2, "-fsyntax-only")
        return text

    def test_the_library(self):
        text = self.check()
        version = re.search(r'FERLAB_VERSION "(.*)"', (ROOT / "include/ferlab/version.hpp").read_text())[1]
        head = text[:text.index("#pragma once")]
        self.assertIn(f"ferlab {version} ", head)
        for line in (ROOT / "LICENSE").read_text().splitlines():
            self.assertIn(f"// {line}".rstrip() + "\n", head)

    def test_other_headers(self):
        self.check("ferlab/formats/safetensors.hpp")
        self.check("ferlab/datasets/fer2013.hpp", "ferlab/formats/png.hpp")

    def test_a_header_that_is_not_there(self):
        for header in ("ferlab/none.hpp", "ferlab", "kernels/adam.hpp"):
            done = amalgamate(header)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertEqual(done.stderr, f"amalgamate: the command line wants {header}, which is not a file of include/\n")


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
