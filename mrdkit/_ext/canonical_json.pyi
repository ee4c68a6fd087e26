# Called by `mrdkit.store.canonical` only.

from collections.abc import Callable

def canonical_json(value: object, plain: Callable[[object], str], skipped: frozenset[str]) -> str: ...
