"""SVG without libraries, readable on light and dark pages."""

import html
import math

import samples

WIDTH, LEFT, RIGHT, TOP = 760, 70, 30, 40
BOTTOM, LEGEND, COLOURS = 370, 405, 4
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .grid { stroke: #8884; fill: none } .line { fill: none; stroke-width: 2 } .whisker { stroke: #1f2328 }
.s0 { stroke: #57606a } .s1 { stroke: #0969da } .s2 { stroke: #cf222e } .s3 { stroke: #8250df } .bar { fill: #0969da } .other { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .whisker { stroke: #e6edf3 } .s0 { stroke: #9198a1 } .s1 { stroke: #4493f8 }
.s2 { stroke: #ff7b72 } .s3 { stroke: #bc8cff } .bar { fill: #4493f8 } .other { fill: #656c76 } }
</style>"""


def picture(height, title, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"><title>{title}</title>'
    return "\n".join([head, STYLE, text(WIDTH / 2, 22, title, "middle"), *parts, "</svg>", ""])


def text(x, y, words, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'


def line(x1, y1, x2, y2, kind="grid"):
    return f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def launch_bars(nanos):
    """Medians beside /bin/true, with their spread; ours stand out."""
    bars = {name: samples.ratio(times, nanos["/bin/true"]) for name, times in nanos.items()}
    left, step = 190, 30
    # What is many times slower would flatten all others: its bar ends at the edge, its number says how much.
    most = min(5.0, max(high for _, _, high in bars.values()) * 1.05)

    def x(ratio):
        return left + (WIDTH - left - 90) * min(ratio, most) / most

    bottom = TOP + step * len(bars)
    parts = [line(x(tick), TOP, x(tick), bottom) for tick in range(1, int(most) + 1)]
    parts += [text(x(tick), bottom + 18, f"{tick} ×", "middle") for tick in range(1, int(most) + 1)]
    for number, (name, (value, low, high)) in enumerate(bars.items()):
        y = TOP + step * number + 5
        kind = "bar" if name.startswith("launcher") else "other"
        parts.append(text(left - 8, y + 15, name, "end"))
        parts.append(f'<rect class="{kind}" x="{left}" y="{y}" width="{x(value) - left:.1f}" height="20"/>')
        parts.append(line(x(low), y + 10, x(high), y + 10, "whisker"))
        parts.append(text(max(x(value), x(high)) + 6, y + 15, f"{value:.2f}"))
    return picture(bottom + 30, "A launch of /bin/true, to /bin/true alone (less is better)", parts)


def latency_curves(latency):
    """Latency over percentiles at the highest rate, both logarithmic, and of the agent at the lowest."""
    top, low = latency[-1], latency[0]
    curves = {f"C server, {top['rate']:,}/s": top["runs"]["limit"], f"agent, {top['rate']:,}/s": top["runs"]["agent"]}
    if "hostile" in top["runs"]:
        curves[f"agent, {top['rate']:,}/s, hostile connections"] = top["runs"]["hostile"]
    curves[f"agent, {low['rate']:,}/s"] = low["runs"]["agent"]
    points = {name: percentiles(run["histogram"]) for name, run in curves.items()}
    return picture(LEGEND + 20 * len(curves), "Latency from when a request was due (less is better)", _curves(points))


def percentiles(histogram):
    """(how many nines, microseconds): 90 % is 1, 99 % is 2; from the median to 99.99 %."""
    nines = [(-math.log10(1 - share), nanos / 1e3) for share, nanos in histogram if 0.5 <= share < 1]
    return [(x, y) for x, y in nines if x <= 4]


def _curves(points):
    bottom = BOTTOM
    values = [micros for curve in points.values() for _, micros in curve]
    least, most = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(nines):
        return LEFT + (WIDTH - LEFT - RIGHT) * (nines - 0.3) / 3.7

    def y(micros):
        return bottom - (bottom - TOP) * (math.log10(micros) - least) / max(1, most - least)

    parts = []
    for power in range(least, most + 1):
        parts += [line(LEFT, y(10**power), WIDTH - RIGHT, y(10**power)), text(LEFT - 6, y(10**power) + 4, scale(10**power), "end")]
    for share, nines in (("50 %", 0.301), ("90 %", 1), ("99 %", 2), ("99.9 %", 3), ("99.99 %", 4)):
        parts += [line(x(nines), TOP, x(nines), bottom), text(x(nines), bottom + 18, share, "middle")]
    for number, (name, curve) in enumerate(points.items()):
        path = "L".join(f"{x(nines):.1f} {y(micros):.1f}" for nines, micros in curve)
        kind = f"line s{number % COLOURS}"
        parts.append(f'<path class="{kind}" d="M{path}"/>')
        parts.append(line(LEFT, LEGEND + 20 * number, LEFT + 30, LEGEND + 20 * number, kind))
        parts.append(text(LEFT + 38, LEGEND + 4 + 20 * number, name))
    return parts


def scale(micros):
    return f"{micros:g} µs" if micros < 1_000 else f"{micros / 1_000:g} ms" if micros < 1_000_000 else f"{micros / 1e6:g} s"
