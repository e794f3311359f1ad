#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what step_model prints with the tables that docs/kernels.md keeps: a change that has a step do more, or less, shows.

    bench/step_model/table.py build/release/bench/step_model [--update]
"""
import difflib
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/kernels.md"
BEGIN, END = "<!-- step_model -->\n", "<!-- /step_model -->\n"


def main():
    printed = subprocess.run(sys.argv[1:2], capture_output=True, text=True, check=True).stdout
    before, rest = PAGE.read_text().split(BEGIN)
    kept, after = rest.split(END)
    if "--update" in sys.argv:
        PAGE.write_text(before + BEGIN + printed + END + after)
    elif kept != printed:
        changes = difflib.unified_diff(kept.splitlines(True), printed.splitlines(True), PAGE.name, "step_model")
        sys.exit("".join(changes) + f"\nif this is meant: {__file__} {sys.argv[1]} --update")


if __name__ == "__main__":
    main()
