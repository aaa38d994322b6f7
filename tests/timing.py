"""Timing inside one process, for benchmarks that print ratios."""

import time


def best_time(action, rounds=20, seconds=float("inf")):
    """What `action` returns, and its least time over `rounds`, fewer once `seconds` have passed."""
    times = []
    while not times or (len(times) < rounds and sum(times) < seconds):
        start = time.perf_counter()
        result = action()
        times.append(time.perf_counter() - start)
    return result, min(times)
