"""Figures with their spread."""

import random
import statistics

RESAMPLES = 400
FEW = 20


def ratio(numerators, denominators):
    """Of the medians of what was measured in pairs: (value, low, high).

    Of many pairs low and high enclose 95 % of what resampled pairs give; of a few they are the least and greatest ratio of one pair.
    """
    pairs = [(a, b) for a, b in zip(numerators, denominators) if a is not None and b is not None]
    value = _of_medians(pairs)
    if len(pairs) < FEW:
        each = sorted(a / b for a, b in pairs)
        return value, each[0], each[-1]
    source = random.Random(1)
    each = sorted(_of_medians(source.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    return value, each[RESAMPLES // 40], each[-1 - RESAMPLES // 40]


def _of_medians(pairs):
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def middle(values):
    """(median, least, greatest)"""
    return statistics.median(values), min(values), max(values)
