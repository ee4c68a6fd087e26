"""CPU time from start to the first answer, beside a bare interpreter and libraries that are not loaded."""

import os
import subprocess
import sys

RUNS = 5
GOAL_SECONDS = 0.2

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import mrdkit": [sys.executable, "-c", "import mrdkit"],
    "mrdkit --help": [sys.executable, "-m", "mrdkit", "--help"],
    "mrdkit --version": [sys.executable, "-m", "mrdkit", "--version"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "import polars": [sys.executable, "-c", "import polars"],
}


def cpu_seconds(command: list[str]) -> float:
    """Return the user and system time of one run of a command."""
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # our own commands
    after = os.times()
    return (after.children_user - before.children_user) + (after.children_system - before.children_system)


def main() -> None:
    """Print the median CPU time of each command; the goal stands beside those it is for."""
    for name, command in COMMANDS.items():
        median = sorted(cpu_seconds(command) for _ in range(RUNS))[RUNS // 2]
        goal = f"   goal at most {GOAL_SECONDS} s" if "mrdkit" in name else ""
        print(f"{name:<18} {median:6.3f} s CPU{goal}")


if __name__ == "__main__":
    main()
