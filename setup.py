"""Build the kernels: each ext/<stem>.pyx becomes mrdkit._ext.<stem>. Metadata is in pyproject.toml."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("MRDKIT_CHECKED_KERNELS") == "1"
ASAN = os.environ.get("MRDKIT_ASAN_KERNELS") == "1"  # memory errors end the process; Linux only
BUILD = "asan" if ASAN else "checked" if CHECKED else "cython"
EXACT = ["-ffp-contract=off", "-Wno-attributes"]
OPTIMIZED = [] if sys.platform == "win32" else ["-O3", "-g0", *EXACT]
SANITIZED = ["-O1", "-g", *EXACT, "-fsanitize=address", "-fno-omit-frame-pointer"]

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
        depends=["ext/rows.h"],
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
