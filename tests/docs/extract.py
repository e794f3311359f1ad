#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""extract.py OUT PAGE...: turns the C++ of each page into OUT/<page>_<n>.cpp files that must compile, and checks that what a page
shows as a whole file (<!-- file: PATH --> before the block) is that file, and as a part of one (<!-- part of: PATH -->) stands in it.

A block with `int main` is a program of its own. The other blocks of a page make one file: declarations at namespace scope, then all
statements, in their order, in one function."""
import os
import re
import sys

out, pages = sys.argv[1], sys.argv[2:]
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.makedirs(out, exist_ok=True)
for page in pages:
    text = open(page).read()
    name = re.sub(r"\W", "_", os.path.splitext(os.path.basename(page))[0])
    for path, shown in re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", text, re.S):
        if shown != open(os.path.join(root, path)).read():
            sys.exit(f"{page}: what it shows of {path} is not what the file says")
    for path, shown in re.findall(r"<!-- part of: (\S+) -->\n```\w*\n(.*?)```", text, re.S):
        if shown not in open(os.path.join(root, path)).read():
            sys.exit(f"{page}: what it shows as a part of {path} does not stand there:\n{shown}")
    common, statements, programs = [], [], []
    for match in re.finditer(r"```cpp\n(.*?)```", text, re.S):
        if text[: match.start()].endswith(" -->\n"):
            continue  # a file, or a part of one, which is compiled where it lies
        block, line = match.group(1), text[: match.start()].count("\n") + 2
        code = f'#line {line} "{os.path.abspath(page)}"\n{block}'
        if "int main(" in block:
            programs.append(code)
        elif re.match(r"(#include|using|struct|class|template|namespace|const Block|Sequential|static_assert)\b", block.lstrip()):
            common.append(code)
        else:
            statements.append(code)
    if common or statements:
        body = "\n".join(statements)
        programs.append('#include "prelude.hpp"\n' + "\n".join(common) + f"\nvoid statements() {{\n{body}}}\n")
    for i, program in enumerate(programs):
        with open(os.path.join(out, f"{name}_{i}.cpp"), "w") as f:
            f.write(program)
