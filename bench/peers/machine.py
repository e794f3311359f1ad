# SPDX-License-Identifier: MIT
"""The machine that a comparison runs on: its processor, and how much of it is in use (Linux)."""

import pathlib
import platform
import re
import time


def processor():
    found = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return found[1] if found else platform.machine()


def share_between(before, after):
    """The share of all cores that was in use, from 0 to 1, between two readings of /proc/stat. What the host of a
    virtual machine took away (steal) counts as in use."""
    first, last = (map(int, stat.split()[1:9]) for stat in (before, after))
    user, nice, system, idle, iowait, irq, softirq, steal = (b - a for a, b in zip(first, last))
    busy = user + nice + system + irq + softirq + steal
    return busy / max(1, busy + idle + iowait)


def share_in_use(seconds=1):
    """share_between now and some seconds later, in which this process sleeps."""
    stat = pathlib.Path("/proc/stat")
    before = stat.read_text()
    time.sleep(seconds)
    return share_between(before, stat.read_text())
