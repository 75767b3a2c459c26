"""Times a launch of /bin/true with 8 secrets against /bin/true alone, in turn: pairs.py PAIRS LIMIT LAUNCHER."""

import os
import statistics
import sys
import time

# The second compiler takes a method over after some 5,000 calls.
WARM_UP = 12_000


def microseconds(words):
    """From before the process is made until it has ended."""
    start = time.perf_counter_ns()
    process = os.posix_spawn(words[0], words, os.environ)
    _, status = os.waitpid(process, 0)
    took = time.perf_counter_ns() - start
    if status != 0:
        sys.exit(f"{words[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return took / 1000


def main():
    pairs, limit, launcher = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    bare = ["/bin/true"]
    bindings = [word for n in range(1, 9) for word in ("--secret", f"BENCH_{n}=bench-{n}")]
    launched = [launcher, *bindings, "--", "/bin/true"]
    for _ in range(WARM_UP):
        microseconds(launched)
    # Which goes first changes each time, so that neither always follows the other.
    times = {True: [], False: []}
    for number in range(2 * pairs):
        with_launcher = number % 4 in (1, 2)
        times[with_launcher].append(microseconds(launched if with_launcher else bare))
    ratio = statistics.median(times[True]) / statistics.median(times[False])
    for name, with_launcher in (("bare", False), ("launched", True)):
        quantiles = statistics.quantiles(times[with_launcher], n=100)
        print(f"{name:9} p50 {quantiles[49]:7.0f} us   p99 {quantiles[98]:7.0f} us")
    print(f"ratio of the medians over {pairs} pairs: {ratio:.2f}")
    return 0 if ratio <= limit else 1


sys.exit(main())
