#!/usr/bin/env python3
"""Times Gerund and other engines on the same window, in turns, and checks the ratios that Gerund promises.

    compare.py GERUND DIRECTORY [--rounds N] [--runs N] [--threads N] [--gerund-only] [--json FILE]

In every round each contender times some windows, one contender after the other, so that other load of the
machine affects all of them. A contender's figure is the median of its rounds' medians. Prints a table, then
one line per promise. The exit code is 1 if a promise is not kept.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

# name: (options of `gerund bench`, which source count's row)
GERUND = {
    "exact f32, 400 labels": ("--mode exact --precision f32 --labels 400", 1),
    "exact bf16, 400 labels": ("--mode exact --precision bf16 --labels 400", 1),
    "exact int8, 400 labels": ("--mode exact --precision int8 --labels 400", 1),
    "exact bf16, 10 labels": ("--mode exact --precision bf16 --labels 10", 1),
    "plain cache bf16, 10 labels": ("--mode fast --refresh 0 --precision bf16 --labels 10", 1),
    "class token bf16, 10 labels": ("--mode fast --refresh 1 --precision bf16 --labels 10 --sources 1,8", 1),
    "class token bf16, 10 labels, 8 sources": ("--mode fast --refresh 1 --precision bf16 --labels 10 --sources 1,8", 8),
    "class token int8, 10 labels": ("--mode fast --refresh 1 --precision int8 --labels 10", 1),
}

# name: (engine, labels)
PEERS = {
    "OpenVINO f32, 400 labels": ("openvino-f32", 400),
    "OpenVINO bf16, 400 labels": ("openvino-bf16", 400),
    "OpenVINO bf16, 10 labels": ("openvino-bf16", 10),
    "ONNX Runtime f32, 400 labels": ("ort-f32", 400),
    "ONNX Runtime int8, 400 labels": ("ort-int8", 400),
    "PyTorch f32, 400 labels": ("torch-f32", 400),
    "PyTorch bf16, 400 labels": ("torch-bf16", 400),
}

# (slower, faster, minimum ratio of their times), and the same with a maximum.
AT_LEAST = [
    ("OpenVINO f32, 400 labels", "exact f32, 400 labels", 1.15),
    ("OpenVINO bf16, 400 labels", "exact bf16, 400 labels", 1.1),
    ("OpenVINO bf16, 400 labels", "exact int8, 400 labels", 1.8),
    ("OpenVINO bf16, 10 labels", "class token bf16, 10 labels", 6),
    ("OpenVINO bf16, 10 labels", "plain cache bf16, 10 labels", 7),
    ("OpenVINO bf16, 10 labels", "class token int8, 10 labels", 10),
]
AT_MOST = [("class token bf16, 10 labels, 8 sources", "class token bf16, 10 labels", 6.5)]


class Peer:
    """Another engine in a process of its own, idle between requests."""

    def __init__(self, directory, engine, labels, threads):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "window.py")
        self.process = subprocess.Popen(
            [sys.executable, script, "serve", directory, engine, str(labels), str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"error: {engine} with {labels} labels did not start: see Tests/Peers/run --prepare")

    def time(self, runs):
        self.process.stdin.write(f"{runs}\n")
        self.process.stdin.flush()
        return statistics.median(json.loads(self.process.stdout.readline()))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def bench(gerund, options, threads, runs):
    """The rows of one run by their number of sources, and the machine; None and the error if this build can't do it."""
    command = [gerund, "bench", "--json", "--threads", str(threads), "--runs", str(runs)] + options.split()
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        return None, (result.stderr.strip().splitlines() or ["no message"])[0]
    report = json.loads(result.stdout)
    return {row["sources"]: row for row in report["rows"]}, report["machine"]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("gerund")
    parser.add_argument("directory")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--gerund-only", action="store_true")
    parser.add_argument("--json")
    args = parser.parse_args()

    peers = {}
    if not args.gerund_only:
        for name, (engine, labels) in PEERS.items():
            print(f"loading {name}", file=sys.stderr, flush=True)
            peers[name] = Peer(args.directory, engine, labels, args.threads)
    times = {name: [] for name in [*PEERS, *GERUND]}
    limits, missing, machine = {}, {}, None
    for number in range(args.rounds):
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr, flush=True)
        for name, peer in peers.items():
            times[name].append(peer.time(args.runs))
        done = {}
        for name, (options, sources) in GERUND.items():
            if options in missing:
                continue
            if options not in done:
                done[options], machine_or_error = bench(args.gerund, options, args.threads, args.runs)
                if done[options] is None:
                    missing[options] = machine_or_error
                    print(f"{name}: {machine_or_error}", file=sys.stderr, flush=True)
                    continue
                machine = machine_or_error
            times[name].append(done[options][sources]["median_ms"])
            limits[name] = done[options][sources]["roofline_ms"]
    for peer in peers.values():
        peer.close()

    print(json.dumps(machine))
    print(f"load of the machine afterwards: {os.getloadavg()[0]:.2f}")
    print(f"\n{'':40s}{'median ms':>11s}{'least':>11s}{'most':>11s}{'of limit':>10s}")
    medians = {}
    for name, figures in times.items():
        if not figures:
            continue
        medians[name] = statistics.median(figures)
        share = f"{100 * limits[name] / medians[name]:8.1f} %" if limits.get(name) else ""
        print(f"{name:40s}{medians[name]:11.1f}{min(figures):11.1f}{max(figures):11.1f}{share:>10s}")

    print()
    verdicts = []
    for bars, holds, sign in [(AT_LEAST, float.__ge__, ">="), (AT_MOST, float.__le__, "<=")]:
        for slower, faster, bar in bars:
            if slower not in medians or faster not in medians:
                verdict, figure = "----", "not measured"
            else:
                ratio = medians[slower] / medians[faster]
                verdict, figure = ("PASS" if holds(ratio, float(bar)) else "SHORT"), f"{ratio:.2f}"
            verdicts.append(verdict)
            print(f"{verdict:6s}{slower} / {faster}: {figure} ({sign} {bar})")
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"machine": machine, "times": times, "limits": limits}, file)
    sys.exit("SHORT" in verdicts)


if __name__ == "__main__":
    main()
