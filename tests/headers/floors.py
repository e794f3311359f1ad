#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""floors.py ROOT: each header of ROOT/include/ferlab and ROOT/kernels includes only from its own floor's folder and from
floors below it. One line an offence.

The folders of one floor stand beside each other: none of them includes another, apart from what BESIDE names."""
import pathlib
import re
import sys

FLOORS = [  # lowest first
    ["core"],
    ["formats"],
    ["data"],
    ["datasets"],
    ["ops"],
    ["layers", "losses", "metrics", "optimizers"],
    ["model"],
    ["cpu", "eigen", "cuda"],
    ["train"],
    ["persistence"],
    ["exchange"],
    ["callbacks"],
    ["ferlab"],  # the headers directly in include/ferlab/
]
BESIDE = {("eigen", "cpu"), ("cuda", "kernels")}  # (who, what): also allowed
KERNELS = {"core", "data", "ops"}  # what kernels/ may include

FLOOR = {folder: i for i, floor in enumerate(FLOORS) for folder in floor}
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)


def folder_of(path):
    """The folder that counts, of a path as in an #include: "ops", "kernels", "tests"; "ferlab" for include/ferlab/*.hpp."""
    if path == "ferlab/version.hpp":
        return "core"
    parts = path.split("/")
    return parts[1] if parts[0] == "ferlab" and len(parts) > 2 else parts[0]


def name_of(root, file):
    """As in an #include: "ferlab/core/shape.hpp", "kernels/types.hpp", "tests/support/catch.hpp"."""
    return str(file.relative_to(root / "include" if root / "include" in file.parents else root))


def target(root, file, included):
    """The name of the file that an #include leads to; None where it is no file of the project."""
    for base in (file.parent, root / "include", root, root / "tests"):
        if (base / included).is_file():
            return name_of(root, (base / included).resolve())
    return included if included.startswith(("ferlab/", "kernels/")) else None


def why_not(folder, other):
    """The reason why `folder` must not include from `other`, or None."""
    if other == folder or (folder, other) in BESIDE:
        return None
    if other not in FLOOR and other != "kernels":
        return f"include/ and kernels/ use nothing of {other}/"
    if folder == "kernels":
        return None if other in KERNELS else "kernels may include only " + ", ".join(sorted(KERNELS))
    if other == "kernels":
        return "only cuda may include kernels"
    if FLOOR[other] == FLOOR[folder]:
        return f"{folder} and {other} are on one floor"
    return f"{other} is above {folder}" if FLOOR[other] > FLOOR[folder] else None


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(f for f in [*root.glob("include/**/*"), *root.glob("kernels/**/*")]
                   if f.suffix in (".hpp", ".h", ".cuh", ".cu"))
    offences, seen = [], 0
    for file in files:
        name = name_of(root, file)
        folder = folder_of(name)
        if folder not in FLOOR and folder != "kernels":
            offences.append(f"{name}: {folder}/ stands on no floor; name it in {pathlib.Path(__file__).name}")
            continue
        for included in INCLUDE.findall(file.read_text()):
            place = target(root, file, included)
            if place is None:
                continue
            seen += 1
            reason = why_not(folder, folder_of(place))
            if reason:
                offences.append(f"{name} includes {place}: {reason}")
    if seen < 100:
        offences.append(f"only {seen} includes found below {root}: that cannot be the library")
    print("\n".join(offences) or f"{len(files)} files, {seen} includes of the library")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
