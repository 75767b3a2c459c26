"""One run: measures, prints the table or the results, writes the report. Started by ../run.sh."""

import dataclasses
import datetime
import json
import os
import pathlib
import platform
import resource
import signal
import subprocess
import sys
import time

import plots
import report
import rows
import sizes
import targets
from processes import BUILT, HOME, ROOT, Bench, Failed


def end(number, _):
    sys.exit(128 + number)


def first_line(*words):
    """Of what a program prints."""
    finished = subprocess.run(words, capture_output=True, text=True, check=False)
    return (finished.stdout or finished.stderr).partition("\n")[0].strip()


def commit():
    changed = " with changes" if first_line("git", "-C", str(ROOT), "status", "--porcelain") else ""
    return (first_line("git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD") or "unknown") + changed


def field(path, name):
    """The value of the first line `NAME: VALUE` or `NAME=VALUE`."""
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        key, _, value = line.replace("=", ":", 1).partition(":")
        if key.strip() == name:
            return value.strip().strip('"')
    return "unknown"


def machine():
    return {
        "processor": field("/proc/cpuinfo", "model name"),
        "processors": os.cpu_count(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": field("/etc/os-release", "PRETTY_NAME"),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "jdk": field(HOME / "runtime/release", "JAVA_VERSION"),
        "rust": first_line("rustc", "--version"),
        "c": first_line("cc", "--version"),
        "commit": commit(),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "command": " ".join(["integration-tests/bench/run.sh", *sys.argv[1:]]),
    }


def measure(size):
    started, facts = time.monotonic(), machine()
    facts["load_before"] = os.getloadavg()[0]
    if report.busy(facts):
        rows.say(f"the machine is busy (load {facts['load_before']:.1f} on {facts['processors']} processors): the figures will suffer")
    with Bench() as bench:
        measuring = rows.Measuring(bench, size)
        results = {
            "launches": measuring.launches(),
            "launcher": measuring.launcher(),
            "throughput": measuring.throughput(),
            "latency": measuring.latency(),
            "cold_starts": measuring.cold_starts(),
            "memory": measuring.memory(),
            "growth": measuring.growth() | {"secrets": size.secrets, "bindings": size.bindings, "consumers": size.consumers},
            "outside": measuring.outside(),
        }
    facts |= {"seconds": time.monotonic() - started, "load_after": os.getloadavg()[0]}
    return {"machine": facts, "size": dataclasses.asdict(size)} | results


def write(folder, results, table):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "performance.md").write_text(report.document(results, table), encoding="utf-8")
    (folder / "performance-launch.svg").write_text(plots.launch_bars(results["launches"]["nanoseconds"]), encoding="utf-8")
    (folder / "performance-latency.svg").write_text(plots.latency_curves(results["latency"]), encoding="utf-8")


def main():
    options = sizes.parse()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    small = options.size in ("smoke", "quick")
    folder = pathlib.Path(options.report) if options.report else BUILT if small else ROOT / "docs/reference"
    try:
        results = measure(sizes.SIZES[options.size])
    except Failed as failed:
        sys.exit(f"bench: {failed}")
    table = targets.rows(results)
    results["targets"] = [dataclasses.asdict(row) | {"met": row.met(row.first), "then_met": row.met(row.then)} for row in table]
    (BUILT / "results.json").write_text(json.dumps(results), encoding="utf-8")
    write(folder, results, table)
    print(json.dumps(results) if options.format == "json" else report.target_table(table))
    rows.say(f"written: {folder}/performance.md; everything measured: {BUILT}/results.json")
    return 1 if options.check and any(row.met(row.first) is False for row in table) else 0


sys.exit(main())
