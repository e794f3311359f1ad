#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No kernel without a test: runs test_kernels whole in the emulator, and names the entries of kernels/ferlab.cu
(resources.txt) that it never launched.

    tests/kernels/launched.py build/release/tests/test_kernels
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from resources import TABLE, entries, short


def main():
    with tempfile.TemporaryDirectory() as folder:
        names = pathlib.Path(folder) / "launched"
        subprocess.run(sys.argv[1:], env={**os.environ, "FERLAB_LAUNCHED": names}, check=True)
        launched = {short(name) for name in names.read_text().splitlines()}
    kernels = {name for _, name in entries()}
    if not kernels:
        sys.exit(f"{TABLE.name} names no kernels")
    if missing := sorted(kernels - launched):
        sys.exit(f"in {TABLE.name}, and launched by no test:\n  " + "\n  ".join(missing))
    print(f"{len(kernels)} kernels, each launched by a test")


if __name__ == "__main__":
    main()
