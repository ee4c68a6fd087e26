"""`python -m mrdkit` is the same as the command `mrdkit`."""

from mrdkit.cli import main

if __name__ == "__main__":
    main()
