"""The order in which gates can be evaluated: parents and referenced gates first, else as in the file."""

import heapq
from collections.abc import Sequence

from mrdkit.errors import RuleError
from mrdkit.flow.strategy import BooleanGate, Gate, GatePath

__all__ = ["in_order"]


def in_order(gates: Sequence[Gate]) -> tuple[Gate, ...]:
    """Return the gates so that each stands behind its parent and the gates that it refers to.

    Raises:
        RuleError: two gates have one path, a parent or referenced gate is missing, or gates form a circle.
    """
    place = {gate.path: number for number, gate in enumerate(gates)}
    if len(place) != len(gates):
        paths = [gate.path for gate in gates]
        raise _refused("GATE_REPEATED", "two gates have the same path", max(paths, key=paths.count))
    waiting: list[set[int]] = []
    users: list[list[int]] = [[] for _ in gates]
    for number, gate in enumerate(gates):
        needed = {path: place.get(path) for path in _needed(gate)}
        for path, found in needed.items():
            if found is None:
                raise _refused("GATE_UNKNOWN", "a parent or referenced gate does not exist", path)
            users[found].append(number)
        waiting.append({found for found in needed.values() if found is not None})
    ready = [number for number, needed_numbers in enumerate(waiting) if not needed_numbers]
    ordered: list[Gate] = []
    while ready:
        number = heapq.heappop(ready)
        ordered.append(gates[number])
        for user in users[number]:
            waiting[user].discard(number)
            if not waiting[user]:
                heapq.heappush(ready, user)
    if len(ordered) < len(gates):
        left = next(gate for gate in gates if gate not in ordered)
        raise _refused("GATE_CYCLE", "gates refer to each other in a circle", left.path)
    return tuple(ordered)


def _needed(gate: Gate) -> list[GatePath]:
    operands = [operand.path for operand in gate.operands] if isinstance(gate, BooleanGate) else []
    return [*operands, *([gate.path[:-1]] if len(gate.path) > 1 else [])]


def _refused(code: str, what: str, path: GatePath) -> RuleError:
    return RuleError(what, code=code, place=f"gate {'/'.join(path)}")
