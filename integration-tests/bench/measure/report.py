"""The results as text: the table on stdout, and docs/reference/performance.md."""

import statistics

import samples
import targets

WORDS = {True: "met", False: "**not met**", None: "not measured"}


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def measured(row):
    if row.value is None:
        return "–"
    spread = "" if row.low == row.high else f" ({number(row.low)} … {number(row.high)})"
    return f"{number(row.value)} {row.unit}{spread}"


def verdict(row, aim):
    """Whether a target is met, and whether the spread leaves that open."""
    unsure = row.value is not None and row.sound and row.low < aim < row.high
    return WORDS[row.met(aim)] + (", within the spread" if unsure else "")


def cells(row):
    """Of one row of the target table."""
    remarks = "; ".join(text for text in (row.beside, row.note) if text)
    aims = [f"{number(aim)} {row.unit}: {verdict(row, aim)}" for aim in (row.first, row.then)]
    return [row.what, measured(row), *aims, remarks]


def table(head, lines):
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines])


def target_table(rows):
    return table(["", "measured", "first target", "then", "beside it"], [cells(row) for row in rows])


def launch_table(launches):
    nanos = launches["nanoseconds"]
    lines = []
    for name, times in nanos.items():
        value, low, high = samples.ratio(times, nanos["/bin/true"])
        lines.append([f"`{name}`" if "/" in name or "=" in name else name, f"{value:.2f} ({low:.2f} … {high:.2f})"])
    return table(["candidate", "ratio to `/bin/true`"], lines)


def left_out(launches):
    groups = {}
    for name, reason in launches["left_out"].items():
        groups.setdefault(reason, []).append(f"`{name}`")
    return "".join(f"\n* Not among them, {reason}: {', '.join(names)}." for reason, names in groups.items())


def throughput_table(results):
    lines = []
    for found in results:
        value, low, high = [100 * part for part in samples.ratio(found["rates"]["agent"], found["rates"]["limit"])]
        kind = "kept" if found["kept"] else "new for each request"
        rate = f"{statistics.median(found['rates']['agent']):,.0f}/s"
        lines.append([kind, str(found["connections"]), f"{value:.0f} % ({low:.0f} … {high:.0f})", rate])
    return table(["connections", "at once", "share of the C server", "agent, here"], lines)


def latency_table(results):
    lines = []
    for found in results:
        for name in found["p99"]:
            row = [f"{found['rate']:,}/s", {"limit": "C server", "hostile": "agent, hostile connections"}.get(name, name)]
            row += [f"{statistics.median(found[quantile][name]) / 1e3:,.0f} µs" for quantile in ("p50", "p99")]
            row += [f"{samples.ratio(found['p99'][name], found['p99']['limit'])[0]:.1f}"]
            lines.append([*row, f"{statistics.median(found['rates'][name]):,.0f}/s"])
    return table(["due", "server", "p50", "p99", "p99 to the C server's", "came"], lines)


def launcher_table(launcher):
    lines = [
        [secrets, f"{launcher[secrets]['instructions']:,.0f}", f"{launcher[secrets]['peak_kib']:,.0f} KiB"]
        for secrets in ("0", "1", str(targets.BINDINGS))
    ]
    return table(["secrets", "instructions until it becomes its command", "peak memory"], lines)


def memory_table(memory):
    looks = [(f"{look['exchanges']:,}", look) for look in memory["looks"]]
    looks.append(("another agent, after all throughput and latency runs", memory["after_everything"]))
    lines = [[name, f"{look['rss'] / targets.MB:.1f} MB", str(look["descriptors"])] for name, look in looks]
    return table(["exchanges", "resident", "descriptors"], lines)


def growth_table(growth):
    lines = []
    for name, times in growth["p50"].items():
        value, low, high = samples.ratio(times, growth["p50"]["few"])
        lines.append([name, f"{value:.2f} ({low:.2f} … {high:.2f})"])
    return table(["agent", "exchange p50, to the agent with few secrets"], lines)


def crowd(latency):
    crowds = latency[-1]["crowds"]
    if not crowds:
        return "Not measured: becoming other users needs root."
    held = statistics.median(c["open"] for c in crowds)
    away = statistics.median(c["turned_away"] / c["seconds"] for c in crowds)
    ended = statistics.median(c["ended_by_deadline"] / c["seconds"] for c in crowds)
    return f"Here {held:,.0f} were open at a time (median), {away:,.0f} a second were turned away and {ended:,.0f} a second ended by the deadline."


def busy(machine):
    """Said where other work took part of the processors, which no pairing makes up for."""
    if machine["load_before"] < machine["processors"] / 2:
        return ""
    return "\n**The machine was busy with other work when this run began.** Ratios suffer less from it than times, but both do.\n"


def document(results, rows):
    machine, size = results["machine"], results["size"]
    return f"""# Performance

<!-- Written by integration-tests/bench/run.sh; run it again instead of editing. -->

Ratios of what ran in turn on one machine; absolute figures are of that machine and moment, and move with both. The target columns are goals, and
say honestly whether this run met them.

| | |
|---|---|
| machine | {machine['processor']}, {machine['processors']} processors, {machine['memory']}, {machine['system']} |
| kernel | {machine['kernel']} |
| JDK; Rust; C | {machine['jdk']}; {machine['rust']}; {machine['c']} |
| commit | {machine['commit']} |
| date | {machine['date']} |
| command | `{machine['command']}` |
| took; load before and after | {machine['seconds'] / 60:.0f} min; {machine['load_before']:.2f}, {machine['load_after']:.2f} |

{target_table(rows)}
{busy(machine)}
In brackets: of launches what 95 % of resampled rounds give, else the least and greatest of {size['rounds']} rounds
({size['starts']} for starts). Memory and size are single figures. One MB is 1,000,000 bytes.

## Launches

![Launches beside /bin/true](performance-launch.svg)

{launch_table(results['launches'])}

{size['launches']:,} rounds; in each every candidate runs `/bin/true` once, in changing order. The agent is warm: {size['warm_up']:,} exchanges came before. The exec-only shim
is the limit: a static program without libc that only calls `execve`.{left_out(results['launches'])}

## Throughput

{throughput_table(results['throughput'])}

A closed loop: each connection asks again once it has its answer, all of which are checked byte by byte. One exchange is what a launch is for the agent:
{targets.BINDINGS} secrets looked up, decrypted, granted in the audit log (`durability: write`) and delivered. The C server answers the same bytes from
memory, on as many threads as there are processors, and does nothing else; the load generator shares these processors.

## Latency

![Latency by percentile](performance-latency.svg)

{latency_table(results['latency'])}

An open loop on new connections, at most 64 at once: requests are due at a fixed rate, and each is timed from when it was due, so a stall counts for all that were due in it.

**Hostile connections** say nothing and come back as soon as they are ended; those turned away come back after a second. {size['hostile']:,} are kept up by six users: one user gets 512
connections, all together 4,096, and the last 512 of them only users who have less than eight ([ADR 16](../adr/0016-limits-for-each-user.md)). {crowd(results['latency'])}

## Start, memory, growth

Starts are timed from before the process is made to the last byte of its first delivery, with the embedded store, the policy and the audit log open and
everything in the page cache, in turn with the same JVM printing its version.

{memory_table(results['memory'])}

{growth_table(results['growth'])}

*secrets*: {size['secrets']:,} secrets, the same eight asked for; *any of the secrets*: eight random ones each time, so that nothing is at hand; *bindings*: {size['bindings']:,} patterns, half in
rules of other users before ours, half before the pattern that allows. *consumers*: {size['consumers']:,} live processes that each asked for the eight once and hold them meanwhile.

## Launcher

{launcher_table(results['launcher'])}

Counted one by one under a tracer, so they do not depend on the load of the machine.
"""
