# SPDX-License-Identifier: MIT
"""The names of the benches' rows, as their sources register them: what --benchmark_list_tests prints of programs that only
a machine with a device can build and run."""
import itertools
import pathlib
import re

ENDS = {"MeasureProcessCPUTime": "process_time", "UseManualTime": "manual_time", "UseRealTime": "real_time"}
BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"


def rows_of(text):
    """Rows of BENCHMARK(name)->...; and BENCHMARK_TEMPLATE(name, types)->...; by their arguments."""
    for name, types, calls in re.findall(r"BENCHMARK(?:_TEMPLATE)?\(([\w:<>]+)(?:, ([\w, ]+))?\)\s*((?:->[^;]*)?);", text):
        name += f"<{types}>" if types else ""
        names = re.findall(r'"(\w+)"', "".join(re.findall(r"ArgNames?\((.*?)\)", calls)))
        product = re.search(r"ArgsProduct\(\{(.*?)\}\)", calls, re.DOTALL)
        if product:
            cases = itertools.product(*(re.findall(r"\d+", part) for part in re.findall(r"\{(.*?)\}", product[1])))
        else:
            cases = [(number,) for number in re.findall(r"Arg\((\d+)\)", calls)] or [()]
        calls = calls.replace("bench::turns_once_chosen", "30")
        ends = "".join(f"/iterations:{number}" for number in re.findall(r"Iterations\((\d+)\)", calls))
        ends += "".join("/" + said for call, said in ENDS.items() if call in calls)
        for case in cases:
            named = itertools.zip_longest(names, case)
            yield name + "".join("/" + ":".join(filter(None, pair)) for pair in named) + ends


def unfolded(text):
    """The sources' own macros and functions that register rows, put in."""
    for macro in ("FERLAB_BLOCK_BENCH", "FERLAB_LOSS_BENCH"):
        if definition := re.search(rf"#define {macro}\(.*?(?<!\\)\n", text, re.DOTALL):
            body = definition[0].replace("\\\n", "\n").rstrip() + ";"
            text = text.replace(definition[0], "")
            registers = body[body.index("BENCHMARK"):]
            for name in re.findall(rf"{macro}\(\s*(\w+),", text):
                text += re.sub(r"\bname\b", name, registers)
    applied = re.search(r"void at_each_batch\(.*?bench(->.*?);", text, re.DOTALL)
    return text.replace("->Apply(at_each_batch)", applied[1]) if applied else text


def convolutions(text):
    """conv2d.cu registers by a loop over layers, batch sizes and these words."""
    words = re.findall(r'\{"(\w+)", Part::', text.replace('std::pair{"', '{"'))[:5]
    tensor = re.findall(r'row\("(conv2d_tensor\w*)" \+ layer', text)
    layer = [f"/c{i}/batch:{batch}/{word}" for batch in (64, 256, 1024) for i in range(2, 9) for word in words]
    names = [name + of for of in layer for name in [*tensor, "conv2d_cudnn"]
             if name in ("conv2d_tensor", "conv2d_cudnn") or "batch:256" in of
             if not (name == "conv2d_cudnn" and of.endswith("relu")) or "batch:256" in of]
    names += [f"{name}/20_channels/batch:64/{word}" for word in ("forward", "backward_data", "backward_filter")
              for name in ("conv2d_direct", "conv2d_cudnn") if f'"{name}/20_channels/batch:64/"' in text]
    return [name + "/iterations:30/manual_time" for name in names]


def rows(program):
    folder, ending = {"bench_kernels": ("kernels", "cu"), "bench_training": ("training", "cpp")}[program]
    texts = {path.name: path.read_text() for path in sorted((BENCH / folder).glob("*." + ending))}
    found = [row for text in texts.values() for row in rows_of(unfolded(text))]
    return found + (convolutions(texts["conv2d.cu"]) if "conv2d.cu" in texts else [])


if __name__ == "__main__":
    import sys
    print(*rows(sys.argv[1]), sep="\n")
