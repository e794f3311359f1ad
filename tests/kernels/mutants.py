#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants one bug after the other in a copy of kernels/, and asks the kernels' own tests to find it. Each must fail by what
is said here: the emulator's message, or Catch2's "FAILED" for wrong numbers. Unchanged kernels must pass.

    tests/kernels/mutants.py --main FILE... [--only NAME] -- c++ -std=c++20 ...

FILE: catch_main.cpp compiled, and what else Catch2 is linked with. Copies and programs are left in the current folder.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
NUMBERS = "FAILED"
UNDER_WAY = "emulator: a matrix is read while a copy to it is under way"
RACE = "emulator: a (matrix is read|copy overwrites)"


class Mutant(NamedTuple):
    """In kernels/`file` `old`, which is there once, becomes `new`; tests/kernels/`test` says `found`."""
    name: str
    test: str
    file: str
    old: str
    new: str
    found: str = NUMBERS


def tensor(name, file, old, new, found=NUMBERS):
    return Mutant(name, "conv2d_tensor.cpp", file, old, new, found)


MUTANTS = [
    # The lanes' addresses, and where the sums go.
    tensor("ldmatrix_row_of_a", "gemm_tile.cuh", "m * 16 + lane % 16, k / 8 + lane / 16)",
           "m * 16 + lane % 8, k / 8 + lane / 16)"),
    tensor("ldmatrix_order_of_transposed_a", "gemm_tile.cuh",
           "a.at(k + lane / 16 * 8 + lane % 8, (row + m * 16) / 8 + lane / 8 % 2)",
           "a.at(k + lane / 8 % 2 * 8 + lane % 8, (row + m * 16) / 8 + lane / 16)"),
    tensor("ldmatrix_order_of_b", "gemm_tile.cuh", "lane / 16 * 8 + lane % 8, k / 8 + lane / 8 % 2)",
           "lane / 8 % 2 * 8 + lane % 8, k / 8 + lane / 16)"),
    tensor("not_transposed", "gemm_tile.cuh", "load_matrices<true>(b.at", "load_matrices<false>(b.at"),
    tensor("swizzle_of_readers_only", "gemm_tile.cuh",
           "load_matrices<false>(a.at(row + m * 16 + lane % 16, k / 8 + lane / 16)",
           "load_matrices<false>(a.at(row + m * 16 + lane % 16, (k / 8 + lane / 16) ^ 1)"),
    tensor("halves_of_b_exchanged", "gemm_tile.cuh", "first{{right[0], right[1]}}, second{{right[2], right[3]}}",
           "first{{right[2], right[3]}}, second{{right[0], right[1]}}"),
    tensor("rows_of_sums_exchanged", "gemm_tile.cuh", "m * 16 + half * 8", "m * 16 + (1 - half) * 8"),
    # Copies, waits and barriers.
    tensor("missing_barrier", "gemm_tile.cuh", "__syncthreads();  // this step has arrived",
           "// this step has arrived", RACE),
    tensor("missing_barrier_before_epilogue", "gemm_tile.cuh", "__syncthreads();\n  problem.finish", "problem.finish"),
    tensor("waits_for_one_group_too_few", "gemm_tile.cuh", "wait_for_copies<stages - 2>",
           "wait_for_copies<stages - 1>", UNDER_WAY),
    tensor("group_never_ends", "gemm_tile.cuh", "end_of_copies();", "", UNDER_WAY),
    tensor("one_stage_too_few", "gemm_tile.cuh", "step % stages * Tile::stage_size",
           "step % (stages - 1) * Tile::stage_size", RACE),
    tensor("copies_one_step_too_far_ahead", "gemm_tile.cuh", "copy(step + stages - 1)", "copy(step + stages)"),
    # Edges.
    tensor("row_behind_the_last", "conv2d_tensor.cuh", "if (!inside || row + r >= rows) return;",
           "if (!inside || row + r > rows) return;"),
    tensor("depth_share_rounded_down", "gemm_tile.cuh", "share = (steps - 1) / int(gridDim.z) + 1",
           "share = steps / int(gridDim.z)"),
    tensor("column_behind_the_last", "conv2d_tensor.cuh", "column + c >= columns) return;\n        const",
           "column + c > columns) return;\n        const"),
    tensor("zeros_left_out", "conv2d_tiles.cuh", "p.image + (inside ? corner[i] + from_corner : 0), inside)",
           "p.image + (inside ? corner[i] + from_corner : 0), true)"),
    tensor("line_below_the_image", "conv2d_tiles.cuh", "unsigned(h) < unsigned(height)", "unsigned(h) <= unsigned(height)"),
    tensor("padding_backward_as_forward", "conv2d_tiles.cuh", "p.stride - p.step * p.pad_left", "p.stride - p.pad_left"),
    tensor("filter_of_another_tap", "conv2d_tiles.cuh", "std::ptrdiff_t(filter) * taps + tap)",
           "std::ptrdiff_t(filter) * taps + taps - 1 - tap)"),
    tensor("last_share_left_out", "conv2d_tensor.cuh", "for (int k = 1; k < shares; ++k)",
           "for (int k = 1; k < shares - 1; ++k)"),
    tensor("stride_of_shares", "conv2d_tensor.cuh", "load<N>(parts + k * size + i)", "load<N>(parts + k * (size - N) + i)"),
    tensor("statistics_of_too_few_lanes", "conv2d_tensor.cuh", "with = 4; with < 32", "with = 8; with < 32"),
    tensor("relu_by_gradient", "conv2d_tensor.cuh", "low = out.v[0] > 0 ? low : 0, high = out.v[1] > 0",
           "low = out.v[0] > 0 ? low : 0, high = out.v[0] > 0"),
    # Reductions.
    Mutant("reduction_skips_a_warp", "softmax_crossentropy.cpp", "reduce.cuh", "i < Threads / 32; ++i) value",
           "i < Threads / 32 - 1; ++i) value"),
    Mutant("reduction_without_barrier", "softmax_crossentropy.cpp", "reduce.cuh",
           "shared[warp] = value;\n  __syncthreads();", "shared[warp] = value;"),
    Mutant("two_reductions_share_memory", "softmax_crossentropy.cpp", "softmax_crossentropy.cuh",
           "__syncthreads();  // the sums share", "// the sums share"),
    Mutant("column_sums_skip_a_row_of_threads", "bias.cpp", "rows.cuh", "for (int y = 1; y < 32; ++y)",
           "for (int y = 1; y < 31; ++y)"),
    Mutant("column_sums_without_barrier", "bias.cpp", "rows.cuh", "half > 0; half /= 2) {\n      __syncthreads();",
           "half > 0; half /= 2) {"),
    Mutant("last_chunk_of_rows_overlaps", "bias.cpp", "rows.cuh", "after < rows ? after : rows;",
           "after + 1 < rows ? after + 1 : rows;"),
    # Ops over elements, and over channels.
    Mutant("last_element_left_out", "relu.cpp", "elementwise.cuh", "k = i; k < n; ++k) body", "k = i; k < n - 1; ++k) body"),
    Mutant("dropout_word_of_the_neighbour", "dropout.cpp", "dropout.cuh", "skip == 2 ? block[3] : next[0]", "skip == 2 ? next[0] : next[0]"),
    Mutant("decay_without_rate", "optimizers.cpp", "optimizers.cuh", "state.learning_rate * op.weight_decay", "op.weight_decay"),
    Mutant("moment_without_share", "batch_norm.cpp", "batch_norm.cuh", "(1 - momentum) * float(variance)", "momentum * float(variance)"),
    Mutant("filter_behind_the_last", "conv2d_direct.cpp", "conv2d_direct.cuh", "f < g.filters; ++f) sum", "f < g.filters - 1; ++f) sum"),
]


def planted(mutant, folder):
    """kernels/ with this bug in a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "kernels", folder / "kernels")
    if mutant.file:
        file = folder / "kernels" / mutant.file
        text = file.read_text()
        if text.count(mutant.old) != 1:
            sys.exit(f"{mutant.name} is out of date: kernels/{mutant.file} has {text.count(mutant.old)} times: {mutant.old}")
        file.write_text(text.replace(mutant.old, mutant.new))


def output(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          timeout=300, check=False)
    return done.returncode, done.stdout


def tested(mutant, compiler, main):
    """What the tests of this bug say, and their exit status."""
    folder = pathlib.Path(mutant.name)
    planted(mutant, folder)
    includes = [folder, ROOT / "tests", ROOT / "include", ROOT / "tests/support/cuda_emulator", ROOT]
    status, said = output([*compiler, "-O1", *(f"-I{path}" for path in includes), "-c",
                           str(ROOT / "tests/kernels" / mutant.test), "-o", f"{folder}/test.o"])
    if status == 0:
        status, said = output([*compiler, f"{folder}/test.o", *main, "-o", f"{folder}/test"])
    if status != 0:
        sys.exit(f"{mutant.name} does not compile\n{said[:4000]}")
    return output([f"{folder}/test", "--abort"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--main", nargs="+", required=True)
    arguments.add_argument("--only")
    arguments.add_argument("compiler", nargs="+")
    arguments = arguments.parse_args()

    unchanged = [Mutant(f"unchanged_{pathlib.Path(test).stem}", test, "", "", "", "All tests passed")
                 for test in dict.fromkeys(mutant.test for mutant in MUTANTS)]
    problems = 0
    for mutant in unchanged + MUTANTS:
        if arguments.only not in (None, mutant.name):
            continue
        status, said = tested(mutant, arguments.compiler, arguments.main)
        right = bool(re.search(mutant.found, said)) and (status == 0) == (not mutant.file)
        print(f"{'ok' if right else 'WRONG'}: {mutant.name}", flush=True)
        if not right:
            problems += 1
            print(f"expected {mutant.found!r}; exit status {status}; the tests said\n{said[-2000:]}", flush=True)
    sys.exit(f"{problems} bugs not found, or not as expected" if problems else None)


if __name__ == "__main__":
    main()
