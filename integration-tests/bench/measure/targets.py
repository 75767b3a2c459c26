"""What was measured beside what is wanted: the table that decides."""

import dataclasses
import statistics

import samples
from processes import BINDINGS

MB = 1_000_000
LAUNCH = f"launcher, {BINDINGS} secrets"


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure with its spread and its two targets; without a figure the note says why."""

    what: str
    unit: str
    first: float
    then: float
    value: float = None
    low: float = None
    high: float = None
    beside: str = ""  # the limit or peer, measured in the same run
    note: str = ""
    more_is_better: bool = False
    sound: bool = True  # false: the figure is there, but the run did not do what the row says

    def met(self, target):
        if self.value is None:
            return None
        return self.sound and (self.value >= target if self.more_is_better else self.value <= target)


def rows(results):
    """All rows, in the order of the targets."""
    return [
        *_launches(results["launches"]["nanoseconds"]),
        _size(results["launcher"]),
        _cold(results["cold_starts"]),
        *_memory(results["memory"]["looks"]),
        _throughput(results["throughput"]),
        *_latency(results["latency"]),
        *_growth(results["growth"]),
        *_outside(results["outside"]),
    ]


def _launches(nanos):
    return [
        Row(f"launch with {BINDINGS} secrets, to `/bin/true`", "×", 1.45, 1.30, *samples.ratio(nanos[LAUNCH], nanos["/bin/true"])),
        Row(f"launch with {BINDINGS} secrets, to `env X=y`", "×", 0.70, 0.60, *samples.ratio(nanos[LAUNCH], nanos["env X=y"])),
    ]


def _size(launcher):
    kib = launcher["bytes"] / 1024
    return Row("launcher binary, static", "KiB", 128, 64, kib, kib, kib)


def _cold(nanos):
    value, low, high = samples.middle([n / 1e6 for n in nanos["agent"]])
    beside = f"{samples.ratio(nanos['agent'], nanos['jvm'])[0]:.1f} × the same JVM's `-version`"
    return Row("agent: start of the process to its first complete answer", "ms", 200, 120, value, low, high, beside)


def _memory(looks):
    idle, first, last = looks[0], looks[1], looks[-1]
    growth = last["rss"] / first["rss"]
    files = f"{idle['descriptors']} descriptors, {last['descriptors']} in the end"
    return [
        Row("agent's resident memory, idle", "MB", 80, 60, *[idle["rss"] / MB] * 3, beside=files),
        Row(f"the same after {first['exchanges']:,} exchanges", "MB", 90, 64, *[first["rss"] / MB] * 3),
        Row(
            f"the same after {last['exchanges']:,}, to the row above (flat: at most 5 % more)",
            "×", 1.05, 1.05, *[growth] * 3, beside=f"{last['rss'] / MB:.0f} MB",
            note="" if last["exchanges"] >= 1_000_000 else "1,000,000 with `--full`",
        ),
    ]  # fmt: skip


def _throughput(results):
    found = next(r for r in results if not r["kept"] and r["connections"] == 64)
    share = [100 * part for part in samples.ratio(found["rates"]["agent"], found["rates"]["limit"])]
    beside = f"C server: {statistics.median(found['rates']['limit']):,.0f}/s here"
    what = "launches a second on new connections, 64 clients, of the C server"
    return Row(what, "%", 45, 70, *share, beside=beside, more_is_better=True)


def _latency(all_rates):
    results, gentle = all_rates[-1], all_rates[0]
    rate, p99 = results["rate"], results["p99"]
    micros = [nanos / 1e3 for nanos in p99["agent"]]
    beside = f"{samples.ratio(p99['agent'], p99['limit'])[0]:.1f} × the C server"
    kept = _kept_up(results, "agent")
    found = [Row(f"p99 at {rate:,} launches a second", "µs", 400, 200, *samples.middle(micros), beside, _behind(kept), sound=kept)]
    what = "the same with hostile connections open, to the row above"
    if "hostile" not in p99:
        return [*found, Row(what, "×", 2.0, 1.2, note="needs root, to become other users")]
    kept = kept and _kept_up(results, "hostile")
    gently = samples.ratio(gentle["p99"]["hostile"], gentle["p99"]["agent"])[0]
    crowd = f"{statistics.median(c['open'] for c in results['crowds']):,.0f} held open; {gently:.1f} × at {gentle['rate']:,} a second"
    return [*found, Row(what, "×", 2.0, 1.2, *samples.ratio(p99["hostile"], p99["agent"]), crowd, _behind(kept), sound=kept)]


def _kept_up(results, name):
    """Everything that was due was sent, and the answers came at the rate, within 2 %."""
    return results["unsent"][name] == 0 and statistics.median(results["rates"][name]) >= 0.98 * results["rate"]


def _behind(kept):
    return "" if kept else "the rate was not kept up"


def _growth(growth):
    launches, p50 = growth["launches"], growth["p50"]

    def row(what, name):
        return Row(what, "×", 1.2, 1.05, *samples.ratio(launches[name], launches["few"]), _exchange(p50, name))

    return [
        row(f"launch p50 with {growth['secrets']:,} secrets, to {BINDINGS}", "secrets"),
        row(f"launch p50 with {growth['bindings']:,} bindings of rules, to one", "bindings"),
        row(f"launch p50 with {growth['consumers']:,} consumers, to none", "consumers"),
    ]


def _exchange(p50, name):
    return f"exchange alone {samples.ratio(p50[name], p50['few'])[0]:.2f} ×"


def _outside(outside):
    nanos, starts, rss = outside["launches"], outside["starts"], outside["rss"]
    calls = max(outside["calls"])
    cached = f"the backend was asked {outside['cached_calls']} time(s) for it"
    memory = rss["vault"] / rss["none"]
    return [
        Row("backend calls for 100 launches at once of one uncached secret", "calls", 1, 1, calls, min(outside["calls"]), calls),
        Row(
            "launch p50 with a cached outside secret, to one of the store",
            "×", 1.10, 1.05, *samples.ratio(nanos["outside"], nanos["store"]), beside=cached,
        ),
        Row("start with Vault configured, to no outside system", "×", 1.10, 1.05, *samples.ratio(starts["vault"], starts["none"])),
        Row(
            "idle memory with Vault configured, to no outside system",
            "×", 1.05, 1.02, *[memory] * 3, beside=f"{(rss['vault'] - rss['none']) / MB:.1f} MB more",
        ),
    ]  # fmt: skip
