"""The command line: one file per group of commands, each of which parses, calls, prints, nothing else.

The rooms are imported when a command runs, so that `mrdkit --help` stays fast. A user error is one message
on stderr and an exit code; a traceback is never shown unless MRDKIT_DEBUG=1.
"""

import gc
import os
import sys

from mrdkit.cli.root import app
from mrdkit.errors import MrdkitError

__all__ = ["main"]

_INTERNAL_ERROR = 1
_OBJECTS_BETWEEN_COLLECTIONS = 100_000  # imports make many objects and no rubbish


def main() -> None:
    """Run the command line and exit with the code of the contract."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        app()
    except MrdkitError as error:
        sys.stderr.write(f"mrdkit: {error}\n")
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("MRDKIT_DEBUG") == "1":
            raise
        sys.stderr.write(
            f"mrdkit: internal error ({type(error).__name__}); this is a bug. "
            "Run again with MRDKIT_DEBUG=1 and report what it prints.\n"
        )
        sys.exit(_INTERNAL_ERROR)
