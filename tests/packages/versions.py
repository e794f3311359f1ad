#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The files that name ferlab's version say what version.hpp says. (CMake, Conan and pkg-config read it there.)"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def found(file, pattern):
    match = re.search(pattern, (ROOT / file).read_text(), re.M)
    return match[1] if match else None


header = "include/ferlab/version.hpp"
version = found(header, r'^#define FERLAB_VERSION "(.*)"')
said = {
    f"{header}, by parts": ".".join(found(header, rf"^#define FERLAB_VERSION_{part} (\d+)") for part in ("MAJOR", "MINOR", "PATCH")),
    "CITATION.cff": found("CITATION.cff", r"^version: (.*)"),
    "packaging/vcpkg/ferlab/vcpkg.json": json.loads((ROOT / "packaging/vcpkg/ferlab/vcpkg.json").read_text()).get("version"),
    "CHANGELOG.md": found("CHANGELOG.md", r"^## \[(\d.*?)\]"),
}
wrong = [f"{place} says {other}, {header} {version}" for place, other in said.items() if other != version]
sys.exit("\n".join(wrong) or 0)
