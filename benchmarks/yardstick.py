"""How fast this core runs plain Python at the moment: it makes times of two machines, or hours, comparable.

Run: python benchmarks/yardstick.py. The same core may take half as long again when its neighbours are busy.
"""

import time

ADDITIONS = 20_000_000
RUNS = 3


def yardstick() -> float:
    """Return the CPU seconds of twenty million additions, the shortest of three runs."""
    found = []
    for _ in range(RUNS):
        start, total = time.process_time(), 0
        for number in range(ADDITIONS):
            total += number
        found.append(time.process_time() - start)
    return min(found)


def print_yardstick() -> None:
    """Print it."""
    print(
        f"yardstick: {ADDITIONS // 10**6} million additions in plain Python take {yardstick():.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    print_yardstick()
