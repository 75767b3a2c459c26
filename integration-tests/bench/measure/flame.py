"""A flame graph of an agent that answers requests, from the stacks that async-profiler counted. Started by ../profile.sh."""

import collections
import html
import os
import pathlib
import sys

from processes import AGENT, BINDINGS, BUILT, HOME, Agent, Bench, Failed, fill_store

WIDTH, ROW, LETTER = 1200, 15, 6.2
LEAST = 0.004  # of the whole; what is narrower is left out
ROOT_FRAME = "io/netty/channel/epoll/EpollIoHandler.run"
WARM_UP, MEASURED = 60_000, 200_000
STYLE = """<style>
text { font: 11px ui-monospace, monospace; fill: #1f2328 } .own { fill: #f2b134 } .netty { fill: #8bc48a } .jdk { fill: #9ecbf0 } .kernel { fill: #e08a7d } .native { fill: #cbb5e8 }
</style>"""


def plain(frame):
    """Without the mark of how it was compiled."""
    return frame.rpartition("_[")[0] or frame


def kind(frame):
    """Whose code it is, which colours it."""
    name = plain(frame)
    if "latchkey" in name:
        return "own"
    if name.startswith("io/netty"):
        return "netty"
    if frame.endswith("_[k]"):
        return "kernel"
    return "jdk" if "/" in name else "native"


class Tree:
    """Stacks put together from the root; how much is in each."""

    def __init__(self):
        self.weight = 0
        self.children = collections.defaultdict(Tree)

    def add(self, frames, weight):
        self.weight += weight
        if frames:
            self.children[frames[0]].add(frames[1:], weight)

    def depth(self, least):
        return 1 + max((child.depth(least) for child in self.children.values() if child.weight >= least), default=0)


def stacks(collapsed):
    """What the event loops did, from where Netty hands an event over."""
    for line in collapsed.read_text(encoding="utf-8").splitlines():
        stack, _, weight = line.rpartition(" ")
        frames = stack.split(";")
        begin = next((n for n, frame in enumerate(frames) if frame.startswith(ROOT_FRAME)), None)
        if begin is not None:
            yield frames[begin:], int(weight)


def draw(tree, least, name="all", x=0.0, level=0, scale=1.0):
    """A box for the frame, the boxes of its callees above the next row."""
    width = tree.weight * scale
    label = plain(name)
    short = ".".join(label.replace("/", ".").split(".")[-2:])
    share = f"{100 * width / WIDTH:.1f} %"
    yield (
        f'<g><title>{html.escape(label)} {share}</title><rect class="{kind(name)}" x="{x:.1f}" y="{level * ROW}" '
        f'width="{max(width - 0.4, 0.2):.1f}" height="{ROW - 1}"/>'
    )
    fits = int((width - 4) / LETTER)
    if fits >= 5:
        yield f'<text x="{x + 2:.1f}" y="{level * ROW + 11}">{html.escape(short[:fits])}</text>'
    yield "</g>"
    for child, below in sorted(tree.children.items()):
        if below.weight >= least:
            yield from draw(below, least, child, x, level + 1, scale)
        x += below.weight * scale


def picture(collapsed):
    tree = Tree()
    for frames, weight in stacks(collapsed):
        tree.add(frames, weight)
    if not tree.weight:
        raise Failed("the profiler saw no event loop")
    least = tree.weight * LEAST
    height = tree.depth(least) * ROW
    boxes = draw(tree, least, scale=WIDTH / tree.weight)
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">', STYLE, *boxes, "</svg>", ""])


def own_shares(collapsed):
    """Of each method of ours, the share that it and what it calls outside ours have."""
    shares, whole = collections.Counter(), 0
    for frames, weight in stacks(collapsed):
        whole += weight
        own = [frame for frame in frames if "latchkey" in frame and "." in plain(frame)]
        shares[plain(own[-1]) if own else "Netty and the kernel alone"] += weight
    return [(100 * weight / whole, name) for name, weight in shares.most_common(15)]


def profiled(script, option):
    """The agent's script with one more option: it takes none from the environment."""
    lines = pathlib.Path(AGENT).read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("exec "))
    lines[first] = lines[first].replace("/bin/java\"", f'/bin/java" {option}', 1)
    script.write_text("\n".join([f"home={HOME}" if line.startswith("home=") else line for line in lines] + [""]), encoding="utf-8")
    script.chmod(0o700)
    return str(script)


def profile(event, library):
    """The file with the stacks of one agent."""
    collapsed = BUILT / f"{event}.collapsed"
    collapsed.unlink(missing_ok=True)
    interval = "64k" if event == "alloc" else "200us"
    with Bench() as bench:
        agent = Agent(bench, "profiled", fill_store(bench, "few", BINDINGS))
        option = f"-agentpath:{library}=start,event={event},interval={interval},collapsed,file={collapsed}"
        agent.start(program=profiled(bench.folder / "agent", option))
        agent.exchanges(connections=BINDINGS, count=WARM_UP + MEASURED)
        agent.stop()
    return collapsed


def main():
    event, library = sys.argv[1], pathlib.Path(os.environ["LATCHKEY_ASYNC_PROFILER"])
    try:
        collapsed = profile(event, library.resolve(strict=True))
        svg = BUILT / f"{event}.svg"
        svg.write_text(picture(collapsed), encoding="utf-8")
    except (Failed, OSError) as failed:
        sys.exit(f"profile: {failed}")
    for share, name in own_shares(collapsed):
        print(f"{share:5.1f} %  {name}")
    print(f"bench: written: {svg}", file=sys.stderr)


main()
