# SPDX-License-Identifier: MIT
"""What the peers share. A peer is a program

    PEER product|train_step|inference [--batch 64] [--threads 1] [--seconds 3]

that does this work again and again for some seconds, on so many threads, and prints one line of JSON: its version, and
in milliseconds of one time the median (real_time) and the CPU time of all threads (cpu_time). Warming up is not
counted. product multiplies two square matrices of PRODUCT rows: it shows how good the peer's linear algebra is."""

import argparse
import json
import statistics
import time

PRODUCT = 1024


def arguments(works):
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=works)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3)
    return parser.parse_args()


def measure(version, step, seconds, iterations=1):
    """Times step(), which does the work so many times. Prints the JSON."""
    step()
    step()
    times = []
    start, cpu = time.perf_counter(), time.process_time()
    while not times or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - begin) / iterations)
    cpu = 1000 * (time.process_time() - cpu) / len(times) / iterations
    print(json.dumps({"version": version, "real_time": statistics.median(times), "cpu_time": cpu}))
