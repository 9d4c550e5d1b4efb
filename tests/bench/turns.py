# SPDX-License-Identifier: LGPL-3.0-or-later
"""Engines in processes of their own that take turns: in every round each works once, one after the other, so that
what else the machine does meets all alike.

An engine's process writes "ready {JSON}" when it is, and answers each line it reads with one that begins with the
word that is asked for.
"""
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
from importlib import metadata

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build-bench"
PAUSE_S = 0.25  # OpenMP threads keep spinning for up to 0.2 s after an engine's turn


class Worker:
    """One engine's process; `ready` is what it told of itself, `times` are the milliseconds of its turns."""

    def __init__(self, name, command, log, environment=None):
        self.name, self.times, self.log = name, [], log
        with open(log, "w", encoding="utf-8") as stderr:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
                                            text=True, env=environment)
        self.ready = json.loads(self.reply("ready"))

    def reply(self, word):
        line = self.process.stdout.readline()
        if not line.startswith(word):
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{self.name}: {self.log.read_text(encoding='utf-8')[-800:].strip() or 'ended'}")
        return line[len(word):].strip()

    def ask(self, request, word):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return self.reply(word)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def take(workers, n_rounds, title, turn):
    """Calls turn(worker), which returns milliseconds, for each of them in every round."""
    for i in range(n_rounds):
        for worker in workers[i % len(workers):] + workers[:i % len(workers)]:  # nobody always follows the same one
            worker.times.append(turn(worker))
            time.sleep(PAUSE_S)
        print(f"\r{title}: round {i + 1} of {n_rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def machine():
    """Processor, cores and versions."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "unknown")
    versions = {}
    for name in ("onnxruntime", "openvino", "ncnn", "mnn", "torch"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(), "versions": versions}


def build(driver):
    """Builds a driver of libgan in this folder, in release mode; returns its path."""
    folder = BUILD / "release"
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", folder, "--buildtype", "release"], cwd=TOP, check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", folder, f"tests/bench/{driver}"], check=True, stdout=subprocess.DEVNULL)
    return str(folder / "tests/bench" / driver)
