#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench/peers/run with stand-ins for bench_training and for the Python that has the peers: its tables, and what it says
of peers that are missing, slow or failing, of an old bench_training and of a busy machine."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"
sys.path.insert(0, str(BENCH))
import machine  # noqa: E402
import peer  # noqa: E402

# Takes 10, 30, 20, 10, ... milliseconds in turn.
BENCH_TRAINING = """
    import json, pathlib, sys
    benchmark = next(word for word in sys.argv if word.startswith("--benchmark_filter="))
    if FAILS and FAILS in benchmark:
        sys.exit("out of memory")
    if "peak" in benchmark and OLD:
        sys.exit()
    turns = pathlib.Path(__file__).with_name("turns")
    turn = len(turns.read_text()) if turns.exists() else 0
    if "peak" not in benchmark:
        turns.write_text("." * (turn + 1))
    time = (10, 30, 20)[turn % 3]
    print(json.dumps({"benchmarks": [{"real_time": time, "cpu_time": 2 * time, "GFLOP/s": 100}],
                      "context": {"instructions": "AVX2", "num_cpus": 2, "date": "2026-01-02T03", "ferlab": "9.8.7"}}))
"""
# Called as: python PEER WORK WORDS...; does what BEHAVIOUR says of the peer, else its product runs at 80 GFLOP/s.
PYTHON = """
    import json, pathlib, sys
    if sys.argv[1] == "-c":
        sys.exit(print("1.2"))
    peer, work = pathlib.Path(sys.argv[1]).stem, sys.argv[2]
    behaviour = BEHAVIOUR.get(peer, "")
    if behaviour == "missing":
        import no_such_module
    if behaviour == "silent" and work == "best":
        sys.exit()
    if behaviour == "fails" and work in ("train_step", "best"):
        sys.exit("SomeError: no compiler\\n\\nA hint that follows")
    product = 2e-6 * 1024**3 / (30 if behaviour == "slow" else 80)
    print("a word before")
    print(json.dumps({"version": "1.2", "real_time": 40, "cpu_time": product if work == "product" else 80}))
"""


class Run(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def program(self, name, text, **constants):
        path = pathlib.Path(self.folder.name) / name
        head = "".join(f"{constant} = {value!r}\n" for constant, value in constants.items())
        path.write_text(f"#!{sys.executable}\n{head}{textwrap.dedent(text)}")
        path.chmod(0o755)
        return path

    def run_with(self, *words, old=False, ours_fails="", **behaviour):
        return subprocess.run(
            [sys.executable, BENCH / "run", self.program("bench_training", BENCH_TRAINING, OLD=old, FAILS=ours_fails),
             "--python", self.program("python", PYTHON, BEHAVIOUR=behaviour), "--rounds=1", "--threads=2", *words],
            capture_output=True, text=True)

    def test_the_table(self):
        done = self.run_with("--rounds=3", "--on-a-busy-machine")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        first, second, _, *table = done.stdout.splitlines()
        self.assertIn(machine.processor() + ", AVX2, 2 cores", first)
        self.assertTrue(first.endswith("2026-01-02. ferlab 9.8.7; PyTorch 1.2; PyTorch, compiled 1.2; Keras 1.2."),
                        first)
        self.assertIn("3 rounds of 3 s", second)
        self.assertEqual(table[:6], [
            "| work | batch | threads | | median (min) | ratio | CPU time | ratio |",
            "|---|---|---|---|---|---|---|---|",
            "| train step | 64 | 2 | ferlab | 20.0 (10.0) | | 40.0 | |",
            "| | | | PyTorch | 40.0 (40.0) | 0.50 | 80.0 | 0.50 |",
            "| | | | PyTorch, compiled | 40.0 (40.0) | 0.50 | 80.0 | 0.50 |",
            "| | | | Keras | 40.0 (40.0) | 0.50 | 80.0 | 0.50 |"])
        self.assertEqual(len(table), 2 + 3 * 4)

    def test_a_missing_peer_is_left_out(self):
        done = self.run_with("--on-a-busy-machine", pytorch_compiled="missing")
        self.assertEqual(done.returncode, 0)
        self.assertIn("PyTorch, compiled is left out: ModuleNotFoundError: No module named 'no_such_module'",
                      done.stderr)
        self.assertIn("pip install", done.stderr)
        self.assertNotIn("compiled", done.stdout)
        self.assertIn("| Keras | 40.0", done.stdout)

    def test_a_peer_with_a_slow_product_is_left_out(self):
        done = self.run_with("--on-a-busy-machine", pytorch="slow")
        self.assertIn("PyTorch is left out: a product of 1024x1024 matrices runs at 30.0 GFLOP/s on one core, whose "
                      "peak is 100.0", done.stderr)
        self.assertNotIn("| PyTorch |", done.stdout)

    def test_no_peer_is_an_error(self):
        done = self.run_with("--on-a-busy-machine", pytorch="slow", pytorch_compiled="missing",
                             keras_tensorflow="missing")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no peer", done.stderr)

    def test_a_peer_that_fails_does_not_end_the_others(self):
        done = self.run_with("--on-a-busy-machine", pytorch_compiled="fails")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr,
                         "PyTorch, compiled failed (train_step/batch:64/threads:2/process_time/real_time): "
                         "SomeError: no compiler\n")
        self.assertEqual(done.stdout.count("| PyTorch, compiled | failed | | | |"), 1)
        self.assertEqual(done.stdout.count("| PyTorch, compiled | 40.0"), 2)
        self.assertEqual(done.stdout.count("| Keras | 40.0"), 3)

    def test_an_old_bench_training(self):
        done = self.run_with("--on-a-busy-machine", old=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no benchmark peak", done.stderr)

    def test_a_busy_machine_is_refused(self):
        spin = [sys.executable, "-c", "while True: pass"]
        spinners = [subprocess.Popen(spin) for _ in range(1 + os.cpu_count() // 10)]
        try:
            done = self.run_with()
        finally:
            for spinner in spinners:
                spinner.kill()
                spinner.wait()
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"use \d+% of this machine.*--on-a-busy-machine")

    def test_the_table_on_a_device(self):
        done = self.run_with("--rounds=3", "--device")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("| 256 | 20.000 (10.000) | 40.000 (40.000) | 0.50 | 40.000 (40.000) | 0.50 |", done.stdout)
        self.assertEqual(done.stdout.count("\n"), 7)

    def test_a_failure_on_a_device_does_not_end_the_others(self):
        done = self.run_with("--device", pytorch_cuda="fails")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("best failed (train_step_on_device<Precision::bf16>/batch:64/real_time): SomeError: no compiler",
                      done.stderr)
        self.assertIn("| 64 | 10.000 (10.000) | failed |  | 40.000 (40.000) | 0.25 |", done.stdout)
        done = self.run_with("--device", pytorch_cuda="silent")
        self.assertIn("best failed (train_step_on_device<Precision::bf16>/batch:64/real_time): it printed no result",
                      done.stderr)
        self.assertEqual(done.stdout.count("failed"), 3)

    def test_our_own_failure_on_a_device_does_not_end_the_others(self):
        done = self.run_with("--device", ours_fails="batch:256")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ferlab failed (train_step_on_device<Precision::bf16>/batch:256/real_time): out of memory",
                      done.stderr)
        self.assertEqual(done.stdout.splitlines()[-2:], [
            "| 256 | failed | 40.000 (40.000) |  | 40.000 (40.000) |  |",
            "| 1024 | 30.000 (30.000) | 40.000 (40.000) | 0.75 | 40.000 (40.000) | 0.75 |"])

    def test_batches_on_a_device(self):
        done = self.run_with("--device", "--batches", "1024", "8")
        self.assertEqual([line.split()[1] for line in done.stdout.splitlines()[-2:]], ["1024", "8"])

    def test_our_own_failure(self):
        for benchmark in ("peak", "train_step"):
            done = self.run_with("--on-a-busy-machine", ours_fails=benchmark)
            self.assertEqual(done.returncode, 1)
            self.assertIn("out of memory", done.stderr)
            self.assertNotIn("Traceback", done.stderr)


class Parts(unittest.TestCase):
    def test_the_share_of_the_machine_in_use(self):
        #              user nice system idle iowait irq softirq steal guest
        before = "cpu  1000 0    500    9000 10     0   0       0     0    0\ncpu0 1 1 1\n"
        after = "cpu  1010 5    505    9060 30     5   5       10    7    0\ncpu0 9 9 9\n"
        self.assertAlmostEqual(machine.share_between(before, after), 40 / 120)
        self.assertEqual(machine.share_between(before, before), 0)

    def test_what_a_peer_prints(self):
        calls = []
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            peer.measure("1.2", lambda: calls.append(1), seconds=0)
        self.assertEqual(len(calls), 3)  # two to warm up
        measured = json.loads(printed.getvalue())
        self.assertEqual(list(measured), ["version", "real_time", "cpu_time"])


if __name__ == "__main__":
    unittest.main()
