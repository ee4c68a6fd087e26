"""Build the kernels: each ext/<stem>.pyx becomes mrdkit._ext.<stem>. Metadata is in pyproject.toml."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("MRDKIT_CHECKED_KERNELS") == "1"
ASAN = os.environ.get("MRDKIT_ASAN_KERNELS") == "1"  # memory errors end the process; Linux only
BUILD = "asan" if ASAN else "checked" if CHECKED else "cython"
# Without contraction a product and a sum round twice on every processor, so that all give the same bits.
SAME_BITS = ["-ffp-contract=off", "-Wno-attributes"]
OPTIMIZED = [] if sys.platform == "win32" else ["-O3", "-g0", *SAME_BITS]
SANITIZED = ["-fsanitize=address", "-fno-omit-frame-pointer", "-O1", "-g", *SAME_BITS]

DIRECTIVES = {
    "language_level": 3,
    "autotestdict": False,
    "boundscheck": CHECKED,
    "wraparound": CHECKED,
    "initializedcheck": CHECKED,
    "cdivision": True,
}

kernels = [
    Extension(
        f"mrdkit._ext.{source.stem}",
        [source.as_posix()],
        include_dirs=["ext"],
        depends=[header.as_posix() for header in sorted(Path("ext").glob("*.h"))],
        extra_compile_args=SANITIZED if ASAN else OPTIMIZED,
        extra_link_args=["-fsanitize=address"] if ASAN else [],
    )
    for source in sorted(Path("ext").glob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        kernels,
        build_dir=f"build/{BUILD}",
        include_path=["ext"],
        compiler_directives=DIRECTIVES,
    )
)
