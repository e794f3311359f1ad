# SPDX-License-Identifier: MIT
"""What scripts/gpu_check calls on a machine with a device, played by one program that is linked under each of the names:
nvidia-smi, nvcc, cmake, ncu, compute-sanitizer, python3, and the programs that cmake "builds". Each checks the words that
it is given, as the real one would or against the project's sources, and notes its call in the file STAND_IN_CALLS.

STAND_IN, JSON in the environment, says what goes wrong: {name: what}. A name is that of a tool or program, "build X" or
"torch"; what it does is below, where `behaves` is asked."""
import csv
import fnmatch
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(os.environ["STAND_IN_SOURCES"])
HERE = ROOT / "tests" / "scripts"
sys.path.insert(0, str(HERE))
import bench_rows  # noqa: E402

# Where CMake puts each target, and what says so in the CMakeLists.txt of its folder.
TARGETS = {
    "describe_device": ("tests", "add_executable(describe_device "),
    "test_kernels_gpu": ("tests/kernels/gpu", "add_executable(test_kernels_gpu "),
    "test_cuda_backend_gpu": ("tests", "add_executable(test_cuda_backend_gpu "),
    "fer2013": ("examples/fer2013", "add_executable(fer2013 "),
    "bench_kernels": ("bench/kernels", "add_executable(bench_kernels "),
    "bench_training": ("bench", "foreach(folder cpu data training)\n"),
}
TEST_SOURCES = {"test_kernels_gpu": ["tests/kernels/*.cpp"],
                "test_cuda_backend_gpu": ["tests/cuda_backend/training.cpp", "tests/cuda_backend/dense.cpp", "tests/gpu/memory.cpp"]}
SECTIONS = {"SpeedOfLight", "ComputeWorkloadAnalysis", "MemoryWorkloadAnalysis", "WarpStateStats", "LaunchStats", "Occupancy"}
METRICS = {"gpu__time_duration.sum", "dram__bytes.sum"}

name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]


def behaves(of=name):
    return json.loads(os.environ.get("STAND_IN", "{}")).get(of, "")


def expect(true, what):
    if not true:
        sys.exit(f"stand-in of {name}: {what}: {words}")


def options(takes_value, flags=()):
    """The options that lead `words`, {name: [values]}, and the words after them. None but these are known."""
    found, rest = {}, list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        expect(option in takes_value or option in flags, f"no option {option}")
        found.setdefault(option, []).append(rest.pop(0) if option in takes_value else True)
    return found, rest


def nvidia_smi():
    if words == ["-L"]:
        return print("GPU 0: NVIDIA H200 (UUID: none)")
    expect(words == ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], "no such query")
    print("NVIDIA H200, 580.1, 143771 MiB")


def nvcc():
    expect(words == ["--version"], "unknown words")
    print("Cuda compilation tools, release 13.0, V13.0.88")


def cmake():
    if behaves() == "fails":
        sys.exit("CMake Error: no cuBLAS")
    if words[0] != "--build":
        texts = "".join(path.read_text() for path in (ROOT / "CMakeLists.txt", *(ROOT / "cmake").iterdir()))
        for word in words:
            if option := re.match(r"-D(FERLAB_\w+)=", word):
                expect(re.search(rf"\b{option[1]}\b", texts), f"no option {option[1]}")
        expect(words[words.index("-G") + 1] == "Ninja", "-k is for ninja")
        expect(f"-DCMAKE_PREFIX_PATH={pathlib.Path.cwd()}/offline/usr" in words, "offline/ is not used")
        return
    folder, targets = pathlib.Path(words[1]), words[words.index("--target") + 1:words.index("--")]
    expect(words[words.index("--"):] == ["--", "-k", "0"], "one failure stops the build")
    for target in targets:
        where, said = TARGETS.get(target) or expect(False, f"no target {target}")
        expect(said in (ROOT / where / "CMakeLists.txt").read_text(), f"CMake knows no {target}")
        program = folder / where / target
        expect(not program.exists(), f"an older {program} is still there")
        if behaves("build " + target) != "fails":
            program.parent.mkdir(parents=True, exist_ok=True)
            program.symlink_to(__file__)
    failed = [target for target in targets if behaves("build " + target) == "fails"]
    if failed:
        sys.exit(f"FAILED: {' '.join(failed)}")


def ncu():
    if behaves() == "refused":
        print("==ERROR== Failed to initialize the profiler: LibraryNotLoaded")
        sys.exit(1)
    given, program = options({"--clock-control", "--page", "--print-units", "--launch-count", "--kernel-name-base", "--kernel-name",
                              "--section", "--metrics"}, {"--csv"})
    expect(given["--clock-control"] == ["none"], "the clocks are not ours")
    expect(set(given.get("--section", [])) <= SECTIONS, "unknown section")
    expect(set(given.get("--metrics", [""])[0].split(",")) <= METRICS | {""}, "unknown metric")
    kernel = given.get("--kernel-name", ["regex:Adam"])[0]
    if "--kernel-name" in given:
        expect(given["--kernel-name-base"] == ["demangled"], "a kernel's base name has no body's name")
        sources = "".join(path.read_text() for path in (ROOT / "kernels").glob("*.cuh"))
        expect(re.search(rf"\b(struct|__launch_bounds__.*) {kernel.removeprefix('regex:')}", sources), f"no kernel has {kernel}")
    subprocess.run(program, check=True)
    if behaves() == "finds none" and "--kernel-name" in given:
        return print("==WARNING== No kernels were profiled.")
    print("==PROF== Connected to process 1")
    if "--csv" in given:
        expect(given["--page"] == ["raw"] and given["--print-units"] == ["base"], "gpu_tables wants raw pages in base units")
        table = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL)
        table.writerow(["ID", "Kernel Name", "dram__bytes.sum", "gpu__time_duration.sum", "launch__registers_per_thread",
                        "sm__throughput.avg.pct_of_peak_sustained_elapsed"])
        table.writerow(["", "", "byte", "ns", "register/thread", "%"])
        for turn in range(2):
            table.writerow([turn, f"void ferlab::kernels::rows_kernel<{kernel}<(int)8>>(long, int)", "2,000,000", "3,500", 48, 60.5])


def compute_sanitizer():
    given, program = options({"--tool", "--error-exitcode"})
    expect(given["--tool"][0] in ("memcheck", "racecheck", "synccheck"), "of no use here")
    expect(given["--error-exitcode"] == ["1"], "errors would not show")
    if behaves() == "refused":
        print("========= COMPUTE-SANITIZER\n========= Error: Device not supported. Please refer to the list\nerror 999")
        sys.exit(1)
    subprocess.run(program, check=True)
    if behaves() == given["--tool"][0]:
        print("========= Invalid __global__ write of size 4 bytes\n========= ERROR SUMMARY: 1 error")
        sys.exit(1)
    print("========= ERROR SUMMARY: 0 errors")


def python3():
    if words[0] == "-c" and "nvidia.cudnn" in words[1]:
        print("/opt/cudnn")
    elif words[0] == "-c" and "torch" in words[1]:
        sys.exit(print("2.11.0") if behaves("torch") != "missing" else "No module named 'torch'")
    elif words[0].endswith("pytorch_cuda.py"):
        expect(words[1] in ("eager", "best") and all(re.match("--(batch|seconds)=", word) for word in words[2:]), "unknown words")
        if behaves("torch") == words[1]:
            sys.exit("RuntimeError: no compiler")
        print('{"version": "2.11.0", "real_time": 2, "cpu_time": 2}')
    elif words[0] == "tests/fer2013/program.py":
        expect(words[1].endswith("/fer2013") and words[2:] == ["--on-device"], "unknown words")
        subprocess.run([words[1], "faces"], check=True)
    else:
        os.execv(sys.executable, [sys.executable, *words])


def describe_device():
    print('{"version": 1, "deviceVer": 900}')


def tests():
    cases = [case for pattern in TEST_SOURCES[name] for path in ROOT.glob(pattern)
             for case in re.findall(r'TEST_CASE\(\s*"(.*?)"', path.read_text())]
    for word in words:
        pattern = word.removeprefix("~").lower()
        expect(fnmatch.filter(map(str.lower, cases), pattern), f"no test is {pattern}")
    print("All tests passed")


def fer2013():
    if words == ["faces"]:
        return
    sources = "".join(path.read_text() for path in (ROOT / "examples" / "fer2013").glob("*.cpp"))
    expect(words[0] == "train", "unknown words")
    for word in words:
        expect(not word.startswith("--") or re.search(rf'"(\S*,)?{word}[",]', sources), f"no option {word}")
    output = pathlib.Path(words[words.index("--output") + 1])
    output.mkdir(parents=True)
    for file in ("best.safetensors", "backup.safetensors.tmp.1.0"):
        (output / file).write_bytes(os.urandom(1 << 20))
    (output / "history.csv").write_text("epoch\n")
    if behaves() == "leaves much":
        (output / "large.bin").write_bytes(os.urandom(17 << 20))
    remember_plan()
    print('{"epochs": 5, "seconds": 1.5, "loss": 0.5, "accuracy": 0.75, "history": [{"images_per_second": 1000}]}')


def bench():
    given = dict(word.split("=", 1) for word in words)
    known = {"filter", "min_time", "repetitions", "display_aggregates_only", "out", "out_format", "format"}
    expect(set(given) <= {"--benchmark_" + option for option in known}, "unrecognized command-line flag")
    wanted = given["--benchmark_filter"]
    rows = [row for row in bench_rows.rows(name)
            if bool(re.search(wanted.removeprefix("-"), row)) != wanted.startswith("-")]
    if not rows:
        return print("Failed to match any benchmarks against regex:", wanted, file=sys.stderr)
    if name == "bench_training":
        remember_plan()
    if given.get("--benchmark_format") == "json":
        return print(json.dumps({"benchmarks": [{"real_time": 1, "cpu_time": 1}], "context": {}}))
    unit = "us" if name == "bench_kernels" else "ms"
    for row in rows:
        if "cudnn" in row and row.startswith("conv2d_cudnn/c3/"):
            print(f"{row} ERROR OCCURRED: 'cuDNN has no deterministic plan for this graph'")
        else:
            time = "20.0" if "cudnn" in row else "30.0"
            for aggregate, value in (("mean", "99 " + unit), ("median", f"{time} {unit}"), ("stddev", "9 " + unit), ("cv", "1.25 %")):
                print(f"{row}_{aggregate}      {value}      {value}      3 GB/s=3/s")
    if "--benchmark_out" in given:
        pathlib.Path(given["--benchmark_out"]).write_text("{}")


def remember_plan():
    if "FERLAB_PLAN_CACHE" in os.environ:
        with open(os.environ["FERLAB_PLAN_CACHE"], "a") as plans:
            plans.write(f"plan of {name}\t0\t1\n")


with open(os.environ["STAND_IN_CALLS"], "a") as calls:
    calls.write(json.dumps([name, *words]) + "\n")
if behaves() == "hangs":
    print("begun", flush=True)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as deaf as a program that waits for a device
    time.sleep(60)
if behaves() == "fails" and name != "cmake":
    print("broken")
    sys.exit(3)
{"nvidia-smi": nvidia_smi, "nvcc": nvcc, "cmake": cmake, "ncu": ncu, "compute-sanitizer": compute_sanitizer, "python3": python3,
 "describe_device": describe_device, "test_kernels_gpu": tests, "test_cuda_backend_gpu": tests, "fer2013": fer2013,
 "bench_kernels": bench, "bench_training": bench}[name]()
