"""Build the kernels: each ext/<stem>.pyx becomes mrdkit._ext.<stem>. Metadata is in pyproject.toml."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("MRDKIT_CHECKED_KERNELS") == "1"

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
        extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-g0", "-ffp-contract=off", "-Wno-attributes"],
    )
    for source in sorted(Path("ext").glob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        kernels,
        build_dir="build/checked" if CHECKED else "build/cython",
        include_path=["ext"],
        compiler_directives=DIRECTIVES,
    )
)
