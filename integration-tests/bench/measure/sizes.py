"""How much of everything is measured, and what is said on the command line."""

import argparse
import dataclasses


@dataclasses.dataclass(frozen=True)
class Size:
    """Numbers of one run. Rates are a second, times in seconds."""

    name: str
    launches: int  # rounds, each with every candidate once
    warm_up: int  # exchanges with each agent before it is measured
    rounds: int  # of slices
    slice: float
    rates: tuple  # of the open loop; the last is the one with a target
    starts: int
    exchanges: tuple  # after how many of them the memory is looked at
    secrets: int
    bindings: int
    consumers: int
    hostile: int


SIZES = {
    "smoke": Size("smoke", 20, 100, 2, 0.1, (50, 100), 1, (200, 400), 20, 100, 50, 70),
    "quick": Size("quick", 200, 12_000, 3, 1.0, (1_000, 10_000), 5, (20_000, 40_000), 5_000, 10_000, 1_000, 5_000),
    "default": Size("default", 1_000, 20_000, 7, 1.5, (1_000, 10_000), 15, (100_000, 300_000), 100_000, 10_000, 10_000, 5_000),
    "full": Size("full", 3_000, 30_000, 11, 4.0, (1_000, 10_000), 31, (100_000, 1_000_000), 100_000, 10_000, 10_000, 5_000),
}


def parse():
    """The size, and what to do with the results."""
    parser = argparse.ArgumentParser(prog="run.sh", description="Measures the agent and the launcher; see README.md.")
    size = parser.add_mutually_exclusive_group()
    for name, text in (
        ("smoke", "whether everything runs, in under a minute; the figures mean nothing"),
        ("quick", "a few minutes"),
        ("full", "with 1,000,000 exchanges; without any of these at most 15 minutes"),
    ):
        size.add_argument(f"--{name}", dest="size", action="store_const", const=name, default="default", help=text)
    parser.add_argument("--format", choices=("table", "json"), default="table", help="what goes to stdout")
    parser.add_argument(
        "--report",
        metavar="FOLDER",
        help="where performance.md and its plots go (docs/reference; target/bench with --smoke and --quick)",
    )
    parser.add_argument("--check", action="store_true", help="exit 1 if a first target is not met")
    return parser.parse_args()
