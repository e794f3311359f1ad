#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A rehearsal of scripts/gpu_check where there is no device: a copy of the tree with what would travel to a machine, no
repository, and stand-ins (gpu_stand_ins.py) for all that it calls there. What goes wrong is the stand-ins' part."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ["nvidia-smi", "nvcc", "cmake", "ncu", "compute-sanitizer", "python3"]
PARTS = {"tests": ["describe_device", "test_kernels_gpu", "test_cuda_backend_gpu", "fer2013"],
         "bench": ["bench_kernels", "bench_training"],
         "train": ["fer2013"],
         "peers": ["bench_training"],
         "sanitizer": ["test_kernels_gpu", "test_cuda_backend_gpu"],
         "profile": ["bench_kernels", "bench_training"]}  # and what each builds
MOST_BYTES = 16 << 20  # of the archive


def travelling():
    """The files of the tree that git does not ignore; all but builds where this is no repository."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True, check=True,
                                capture_output=True).stdout.splitlines()
        return [ROOT / file for file in listed if (ROOT / file).exists()]
    return [file for file in ROOT.rglob("*") if file.is_file() and not file.relative_to(ROOT).parts[0].startswith("build")]


class Rehearsal(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree, self.bin, self.out, self.calls = (self.folder / name for name in ("tree", "bin", "out", "calls"))
        for file in travelling():
            to = self.tree / file.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to)
        (self.tree / "offline/usr").mkdir(parents=True)
        (self.tree / "offline/commit").write_text("abc1234-dirty\n")
        self.bin.mkdir()
        stand_in = self.bin / "stand_in"
        stand_in.write_text(f"#!{sys.executable} -S\n" + (ROOT / "tests/scripts/gpu_stand_ins.py").read_text())
        stand_in.chmod(0o755)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(stand_in)

    def start(self, *words, out=True, **wrong):
        environment = {**os.environ, "PATH": f"{self.bin}:/usr/bin:/bin", "STAND_IN_SOURCES": str(ROOT), "STAND_IN_CALLS": str(self.calls),
                       "STAND_IN": json.dumps({name.replace("_to_", " "): what for name, what in wrong.items()})}
        for name in ("CUDNN_ROOT", "FERLAB_PLAN_CACHE", "OUT"):
            environment.pop(name, None)
        if out:
            environment["OUT"] = str(self.out)
        return subprocess.Popen([self.tree / "scripts/gpu_check", *words], env=environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, start_new_session=True)

    def check(self, *words, status=0, **more):
        running = self.start(*words, **more)
        self.said = running.communicate()[0]
        self.assertEqual(running.returncode, status, self.said)

    def line(self, part):
        """What the end says of a part; the head of the report must say the same."""
        found = re.findall(rf"^{part}: (.*), (\d+) s$", self.said, re.MULTILINE)
        self.assertEqual(len(found), 1, self.said)
        head = self.left("report", ".md").split("\n# ")[1]
        self.assertIn(f"\n- {part}: {found[0][0]}, {found[0][1]} s\n", head)
        return found[0][0]

    def archive(self):
        """{name: its bytes} of all in the one archive."""
        archives = list((self.out if self.out.exists() else self.tree / "build/gpu_check").glob("*.tgz"))
        self.assertEqual(len(archives), 1, archives)
        self.assertLess(archives[0].stat().st_size, MOST_BYTES)
        with tarfile.open(archives[0]) as files:
            return {member.name: files.extractfile(member).read() for member in files if member.isfile()}

    def left(self, begin, end):
        """The text of the one file in the archive with such a name."""
        texts = [text for name, text in self.archive().items() if name.startswith(begin) and name.endswith(end)]
        self.assertEqual(len(texts), 1, (begin, end, list(self.archive())))
        return "\n" + texts[0].decode()

    def called(self, name):
        return [words for name_, *words in map(json.loads, self.calls.read_text().splitlines()) if name_ == name]


class Everything(Rehearsal):
    def test_all_is_well(self):
        (self.tree / "offline/plans.txt").write_text("plan of an earlier check\t0\t1\n")
        self.check()
        for part in PARTS:
            self.assertEqual(self.line(part), "passed")
        self.assertEqual([words[words.index("--target") + 1:words.index("--")] for words in self.called("cmake") if "--build" in words],
                         list(PARTS.values()))
        report = self.left("report.md", "")
        for text in ("\n- commit: abc1234-dirty, ", "\n- device: NVIDIA H200, 580.1, 143771 MiB\n", "release 13.0",
                     "\n## tests of kernels: passed, ", "\n    All tests passed\n",
                     "\n| conv2d/c2/batch:64/forward | 30.0 | 1.25 | 20.0 | 1.25 | 1.50 |\n",
                     "\n| batch_norm_backward/64 | 30.0 | 1.25 | 20.0 | 1.25 | 1.50 |\n",
                     "\n| train_step_on_device<Precision::bf16>/batch:64 | 30.0 (± 1.25 %) | 30.0 (± 1.25 %) | 30.0 (± 1.25 %) | 30.0 (± 1.25 %) |\n",
                     "\n| hundred_epochs | 5 | 1.5 | 1000 | 0.5000 | 75.00 % |\n", "\n- fp32: mean 75.00 %, 75.00 to 75.00 over 3 seeds\n",
                     "\n    | 1024 | 1.000 (1.000) | 2.000 (2.000) | 0.50 | 2.000 (2.000) | 0.50 |\n",
                     "rows_kernel<regex:DirectForward<8>> | 3.5 | - | - | 60.5 | - | - | 48 |\n",
                     "| 2 | 7.0 | 4.0 |\n"):
            self.assertIn(text, "\n" + report)
        self.assertNotIn("_mean", report)
        self.assertNotIn("No table", report)
        files = self.archive()
        self.assertEqual([name for name in files if "safetensors" in name], [])
        for name in ("device.json", "bench-convolutions.json", "bench-convolutions.log", "fer2013-bf16-3/history.csv",
                     "profile-AdamUpdate_in_adam_bfloat16_.log"):
            self.assertIn(name, files)
        self.assertEqual(json.loads(files["device.json"])["deviceVer"], 900)
        plans = files["plans.txt"].decode()
        self.assertTrue(plans.startswith("plan of an earlier check"), plans)
        self.assertIn("plan of bench_training", plans)
        self.assertIn("plan of fer2013", plans)

    def test_one_part_and_no_OUT(self):
        self.check("--only", "train", "--output", "build/gpu_check/", out=False)
        self.assertEqual(self.line("train"), "passed")
        self.assertIn("report-train.md", self.archive())
        self.assertEqual(sorted({words[0] for words in map(json.loads, self.calls.read_text().splitlines())}),
                         ["cmake", "fer2013", "nvcc", "nvidia-smi", "python3"])
        self.assertTrue((self.tree / "build/gpu_check/gpu_check-train.tgz").exists())

    def test_wrong_words(self):
        for words, said in ((["--only", "all"], "there is no part all"), (["--seconds", "0"], "got 0"), (["--seconds", "2m"], "got 2m"),
                            (["--frobnicate"], "unknown word --frobnicate")):
            self.check(*words, status=1)
            self.assertIn(said, self.said)
        self.check("--help")
        self.assertIn("--seconds N", self.said)


class Failures(Rehearsal):
    def test_a_failed_build(self):
        self.check(build_to_bench_kernels="fails", status=1)
        self.assertEqual(self.line("bench"), "3 of 8 failed: building; other kernels; convolutions")
        for part in ("tests", "train", "peers", "sanitizer"):
            self.assertEqual(self.line(part), "passed")
        self.assertRegex(self.line("profile"), r"^10 of 13 failed: building; DirectForward in ")
        self.assertIn("FAILED: bench_kernels", self.left("report", ".md"))

    def test_a_failed_configuration(self):
        self.check("--only", "tests", cmake="fails", status=1)
        self.assertRegex(self.line("tests"), r"^\d of 6 failed: configuring; ")
        self.assertIn("CMake Error: no cuBLAS", self.left("report", ".md"))

    def test_a_failed_step(self):
        self.check("--only", "tests", test_kernels_gpu="fails", status=1)
        self.assertEqual(self.line("tests"), "1 of 6 failed: tests of kernels")
        self.assertRegex(self.left("report", ".md"), r"\n## tests of kernels: FAILED \(3\), \d+ s\n\n    broken\n")

    def test_a_step_that_hangs_is_cut(self):
        self.check("--only", "tests", "--seconds", "9", test_kernels_gpu="hangs", status=1)
        self.assertEqual(self.line("tests"), "1 of 6 failed: tests of kernels, no time left for 2 of 6: tests of trainings; kill and resume")
        report = self.left("report", ".md")
        self.assertIn("\n## tests of kernels: FAILED (cut), ", report)
        self.assertIn("\n## kill and resume: no time left\n", report)
        self.assertEqual(self.called("test_cuda_backend_gpu"), [])

    def test_stopped_in_the_middle(self):
        for how, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
            shutil.rmtree(self.tree / "build", ignore_errors=True)
            running = self.start("--only", "tests", test_kernels_gpu="hangs")
            log = self.tree / "build/gpu_check/tests-tests_of_kernels.log"
            self.said = ""
            while "== tests of kernels" not in self.said:
                self.said += running.stdout.readline()
            while not (log.exists() and log.read_text()):
                self.assertIsNone(running.poll())
            running.send_signal(how)
            self.said += running.communicate()[0]
            self.assertEqual(running.returncode, status, self.said)
            self.assertIn("device.json", self.archive())
            if how != signal.SIGKILL:  # that one is not seen
                self.assertEqual(self.line("tests"), "1 of 4 failed: tests of kernels (stopped)")
                self.assertIn("\n## tests of kernels: stopped\n", self.left("report", ".md"))

    def test_nothing_to_run_is_a_failure(self):
        self.check("--only", "profile", ncu="finds none", status=1)
        self.assertRegex(self.line("profile"), r"^9 of 13 failed: DirectForward in ")
        self.assertIn("FAILED (nothing ran)", self.left("report", ".md"))

    def test_a_peer_that_fails(self):
        self.check("--only", "peers", torch="best")
        self.assertIn("\n    | 64 | 1.000 (1.000) | failed |  | 2.000 (2.000) | 0.50 |\n", self.left("report", ".md"))

    def test_our_own_bench_fails_beside_the_peers(self):
        self.check("--only", "peers", bench_training="fails", status=1)
        self.assertRegex(self.line("peers"), r"^3 of 5 failed: PyTorch beside, batch 64; ")
        self.assertIn("\n    | 64 | failed | 2.000 (2.000) |  | 2.000 (2.000) |  |\n", self.left("report", ".md"))

    def test_what_is_too_large_stays(self):
        self.check("--only", "train", fer2013="leaves much")
        self.assertIn(f"\n- too large for the archive: fer2013-compact/large.bin, {17 << 20} bytes\n", self.left("report", ".md"))
        self.assertIn("fer2013-compact/history.csv", self.archive())


class Machines(Rehearsal):
    """Some have not all of the tools, or refuse them: that is no failure."""

    def test_no_torch(self):
        self.check("--only", "peers", torch="missing")
        self.assertEqual(self.line("peers"), "not run: python3 has no PyTorch with CUDA")

    def test_a_refused_sanitizer(self):
        self.check("--only", "sanitizer", **{"compute-sanitizer": "refused"})
        self.assertRegex(self.line("sanitizer"), "^not run: this machine refuses compute-sanitizer: .*Device not supported")
        self.assertEqual(len(self.called("compute-sanitizer")), 1)

    def test_a_sanitizer_that_finds_something(self):
        self.check("--only", "sanitizer", status=1, **{"compute-sanitizer": "memcheck"})
        self.assertEqual(self.line("sanitizer"), "2 of 6 failed: memcheck, trainings; memcheck, kernels")

    def test_a_refused_profiler(self):
        self.check("--only", "profile", ncu="refused")
        self.assertRegex(self.line("profile"), "^not run: this machine refuses ncu: .*LibraryNotLoaded")

    @unittest.skipIf(any(map(pathlib.Path.exists, map(pathlib.Path, ("/usr/bin/ncu", "/usr/local/cuda/bin/ncu", "/opt/nvidia/nsight-compute")))),
                     "there is one")
    def test_no_profiler(self):
        (self.bin / "ncu").unlink()
        self.check("--only", "profile")
        self.assertEqual(self.line("profile"), "not run: there is no ncu")

    def test_no_device(self):
        (self.bin / "nvidia-smi").unlink()
        if not shutil.which("nvidia-smi", path="/usr/bin:/bin"):
            self.check(status=1)
            self.assertIn("nvidia-smi finds no device", self.said)
        self.check("--build-only")
        self.assertEqual(self.line("build"), "passed")
        self.assertIn("-DCMAKE_CUDA_ARCHITECTURES=90", self.called("cmake")[0])


if __name__ == "__main__":
    unittest.main()
