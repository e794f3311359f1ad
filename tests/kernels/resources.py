#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles every kernel for every architecture and looks at what ptxas says of it: a spill fails, and so does one that needs
clearly more registers than resources.txt has, or that is not there.

    tests/kernels/resources.py [--nvcc nvcc]            compares
    tests/kernels/resources.py [--nvcc nvcc] --update   writes resources.txt anew
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = pathlib.Path(__file__).with_name("resources.txt")
ARCHITECTURES = ("75", "80", "90")
ALLOWED_GROWTH = 8  # registers; compilers differ by a few
HEADING = "# tests/kernels/resources.py --update: architecture, registers per thread, bytes of shared memory, kernel\n"


def compiled(nvcc):
    """ptxas's words about all kernels."""
    with tempfile.TemporaryDirectory() as folder:
        command = [nvcc, "-std=c++20", "-O3", "--expt-relaxed-constexpr", "--threads", "2", "-Xptxas", "-v", f"-I{ROOT}",
                   f"-I{ROOT}/include", "-c", f"{ROOT}/kernels/ferlab.cu", "-o", f"{folder}/ferlab.o"]
        for architecture in ARCHITECTURES:
            command += ["-gencode", f"arch=compute_{architecture},code=sm_{architecture}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stdout)
    names = subprocess.run(["c++filt"], input=done.stdout, capture_output=True, text=True, check=True).stdout
    return names


def short(name):
    """A kernel's name as one reads it: without arguments, return type and namespaces, numbers without casts."""
    name = re.sub(r"\(anonymous namespace\)::|ferlab::kernels::|ferlab::|std::|\(int\)|^void ", "", name)
    depth = 0
    for i, c in enumerate(name):
        depth += (c == "<") - (c == ">")
        if c == "(" and depth == 0:
            return name[:i]
    return name


def measured(nvcc):
    kernels, problems = {}, []
    name = architecture = None
    for line in compiled(nvcc).split("\n"):
        if found := re.search(r"Compiling entry function '(.*)' for 'sm_(\d+)a?'", line):
            name, architecture = short(found[1]), found[2]
        elif found := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", line):
            if any(int(n) > 0 for n in found.groups()) and name:
                problems.append(f"sm_{architecture} {name}: {line.strip()}")
        elif found := re.search(r"Used (\d+) registers", line):
            shared = re.search(r"(\d+) bytes smem", line)
            kernels[architecture, name] = int(found[1]), int(shared[1]) if shared else 0
    if not kernels:
        sys.exit("ptxas named no kernels: is -Xptxas -v still its switch?")
    return kernels, problems


def entries():
    """What resources.txt has: (architecture, kernel) to (registers, shared memory)."""
    known = {}
    for line in TABLE.read_text().split("\n"):
        if line and not line.startswith("#"):
            architecture, registers, shared, name = line.split(maxsplit=3)
            known[architecture, name] = int(registers), int(shared)
    return known


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--nvcc", default="nvcc")
    arguments.add_argument("--update", action="store_true")
    arguments = arguments.parse_args()

    kernels, problems = measured(arguments.nvcc)
    if arguments.update:
        lines = [f"{architecture} {registers:3} {shared:6} {name}\n"
                 for (architecture, name), (registers, shared) in sorted(kernels.items(), key=lambda k: (k[0][1], k[0][0]))]
        TABLE.write_text(HEADING + "".join(lines))
    known = entries()
    for key, (registers, shared) in kernels.items():
        where = f"sm_{key[0]} {key[1]}"
        if key not in known:
            problems.append(f"{where}: {registers} registers, {shared} bytes shared; not in {TABLE.name}")
        elif registers > known[key][0] + ALLOWED_GROWTH or shared > known[key][1]:
            problems.append(f"{where}: {registers} registers, {shared} bytes shared; were {known[key][0]}, {known[key][1]}")
    problems += [f"sm_{key[0]} {key[1]}: in {TABLE.name}, but no longer compiled" for key in known.keys() - kernels.keys()]
    if problems:
        sys.exit("\n".join(problems) + f"\n{len(problems)} problems; if they are meant, --update")
    print(f"{len(kernels)} kernels, none spills; most registers: {max(r for r, _ in kernels.values())}")


if __name__ == "__main__":
    main()
