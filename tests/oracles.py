"""Slow, readable twins of the kernels; each is what its kernel must equal."""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from mrdkit.flow.gates import Box, Ellipsoid, Polygon, Shape
from mrdkit.flow.strategy import Axis, BooleanGate, Dimension, Gate, GatePath, ShapeGate

# --- ext/fcs_decode.pyx ------------------------------------------------------------------------------------


def decoded_events(
    raw: bytes, columns: Sequence[tuple[str, int, int]], *, big_endian: bool
) -> list[list[float]]:
    """Decode whole events; each column is (number type I, F or D; bytes; mask)."""
    order = ">" if big_endian else "<"
    events = []
    place = 0
    while place < len(raw):
        event = []
        for number, width, mask in columns:
            value = raw[place : place + width]
            place += width
            if number == "I":
                event.append(float(int.from_bytes(value, "big" if big_endian else "little") & mask))
            else:
                event.append(float(struct.unpack(order + ("f" if number == "F" else "d"), value)[0]))
        events.append(event)
    return events


def same_number(a: float, b: float) -> bool:
    """Tell whether two values are the same number, or both are none."""
    return a == b or (math.isnan(a) and math.isnan(b))


# --- ext/compensate.pyx, ext/scale_curve.pyx, ext/program.pyx ----------------------------------------------


def compensated(events: Sequence[Sequence[float]], weights: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return [output][event], summed exactly and rounded once."""
    return [
        [float(sum(Fraction(w) * Fraction(v) for w, v in zip(row, event, strict=True))) for event in events]
        for row in weights
    ]


def logicle_root(x: float, *, t: float, w: float, m: float, a: float) -> float:
    """Return the logicle coordinate by bisection of the published biexponential, mirrored below zero."""
    width, x2 = w / (m + a), a / (m + a)
    x1, x0, b = x2 + width, x2 + 2.0 * width, (m + a) * math.log(10.0)
    d = _bisected(lambda d: 2.0 * (math.log(d) - math.log(b)) + width * (d + b), 1e-300, b)
    c_a = math.exp(x0 * (b + d))
    f_a = math.exp(b * x1) - c_a / math.exp(d * x1)
    scale = t / (math.exp(b) - f_a - c_a / math.exp(d))

    def biexponential(y: float) -> float:
        return scale * (math.exp(b * y) - c_a * math.exp(-d * y) - f_a)

    y = _bisected(lambda y: biexponential(y) - abs(x), x1, 40.0)
    return 2.0 * x1 - y if x < 0.0 else y


def hyperlog_root(x: float, *, t: float, w: float, m: float, a: float) -> float:
    """Return the hyperlog coordinate by bisection of the published curve, mirrored below zero."""
    width, x2 = w / (m + a), a / (m + a)
    x1, x0, b = x2 + width, x2 + 2.0 * width, (m + a) * math.log(10.0)
    c_a = math.exp(b * x0) / width
    f_a = math.exp(b * x1) + c_a * x1
    scale = t / (math.exp(b) + c_a - f_a)
    y = _bisected(lambda y: scale * (math.exp(b * y) + c_a * y - f_a) - abs(x), x1, 40.0)
    return 2.0 * x1 - y if x < 0.0 else y


def in_interval(value: float, low: float | None, high: float | None) -> bool:
    """Return low <= value < high for a finite value."""
    return math.isfinite(value) and (low is None or low <= value) and (high is None or value < high)


def in_polygon(x: float, y: float, vertices: Sequence[tuple[float, float]]) -> bool:
    """Count the edges that a ray to the right crosses strictly, in exact arithmetic; odd is inside."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return False
    crossings = 0
    for (x0, y0), (x1, y1) in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
        low, high = min(y0, y1), max(y0, y1)
        if low <= y < high:
            share = (Fraction(y) - Fraction(y0)) / (Fraction(y1) - Fraction(y0))
            crossings += Fraction(x0) + share * (Fraction(x1) - Fraction(x0)) > Fraction(x)
    return crossings % 2 == 1


def in_ellipsoid(
    point: Sequence[float], mean: Sequence[float], inverse: Sequence[Sequence[float]], limit: float
) -> bool:
    """Return (x - mean)' inverse (x - mean) <= limit in exact arithmetic, for a finite point."""
    if not all(math.isfinite(value) for value in point):
        return False
    delta = [Fraction(value) - Fraction(center) for value, center in zip(point, mean, strict=True)]
    total = sum(
        (delta[i] * Fraction(inverse[i][j]) * delta[j] for i in range(len(delta)) for j in range(len(delta))),
        Fraction(0),
    )
    return total <= Fraction(limit)


def populations(
    gates: Sequence[Gate], events: Sequence[Mapping[str, float]]
) -> dict[GatePath, list[tuple[bool, bool]]]:
    """Evaluate gates event by event, all unscaled; per gate and event: inside, and cannot be placed."""
    found: dict[GatePath, list[tuple[bool, bool]]] = {(): [(True, False)] * len(events)}
    for gate in gates:
        rows = []
        for i, event in enumerate(events):
            parent, parent_unknown = found[gate.path[:-1]][i]
            if isinstance(gate, BooleanGate):
                operands = [(found[o.path][i], o.complement) for o in gate.operands]
                values = [inside != complement for (inside, _), complement in operands]
                inside = {"and": all(values), "or": any(values), "not": not values[0]}[gate.operator]
                unknown = any(undefined for (_, undefined), _ in operands)
                inside = inside and not unknown
            elif isinstance(gate, ShapeGate):
                point = [_coordinate(axis, event) for axis in gate.dimensions]
                unknown = parent and not all(math.isfinite(x) for x in point)
                inside = not unknown and _in_shape(gate.shape, point)
            else:
                raise TypeError("a gate that waits for data has no shape yet")
            rows.append((parent and inside, unknown or parent_unknown))
        found[gate.path] = rows
    return found


def _coordinate(axis: Axis, event: Mapping[str, float]) -> float:
    if isinstance(axis, Dimension):
        return event[axis.name]
    below = event[axis.denominator.name] - axis.C
    above = axis.A * (event[axis.numerator.name] - axis.B)
    return above / below if below and math.isfinite(above) else math.nan


def _in_shape(shape: Shape, point: Sequence[float]) -> bool:
    match shape:
        case Box(bounds=bounds):
            return all(in_interval(x, *bound) for x, bound in zip(point, bounds, strict=True))
        case Polygon(vertices=vertices):
            return in_polygon(point[0], point[1], vertices)
        case Ellipsoid(mean=mean, covariance=covariance, distance_square=limit):
            # Covariances of the tests are diagonal.
            inverse = [
                [1.0 / value if i == j else 0.0 for j, value in enumerate(row)]
                for i, row in enumerate(covariance)
            ]
            return in_ellipsoid(point, mean, inverse, limit)


def _bisected(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a rising function."""
    for _ in range(2000):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        low, high = (middle, high) if function(middle) < 0.0 else (low, middle)
    return (low + high) / 2.0


# --- sequencing: mismatches of two sequences aligned on their J segment ---


def j_aligned_mismatches(
    read: str,
    read_j: int | None,
    target: str,
    target_j: int | None,
    *,
    min_overlap: int,
    max_mismatches: int,
) -> int:
    """Substitutions over the overlap, -1 where it is too short or they are too many."""
    if read_j is None or target_j is None:
        read_j, target_j = len(read), len(target)
    read_at = {position - read_j: base for position, base in enumerate(read)}
    target_at = {position - target_j: base for position, base in enumerate(target)}
    pairs = [(read_at[at], target_at[at]) for at in read_at.keys() & target_at.keys()]
    called = [pair for pair in pairs if "N" not in pair]
    found = sum(a != b for a, b in called)
    return found if len(called) >= min_overlap and found <= max_mismatches else -1


# --- ext/mixture.pyx ---------------------------------------------------------------------------------------


def mixture_log_density(
    event: Sequence[float],
    weights: Sequence[float],
    means: Sequence[Sequence[float]],
    covariances: Sequence[Sequence[Sequence[float]]],
) -> float:
    """Return the log density from exact squared distances and determinants, rounded once per component."""
    logs = [
        math.log(weight)
        + _normal_log_density([Fraction(x) - Fraction(m) for x, m in zip(event, mean, strict=True)], c)
        for weight, mean, c in zip(weights, means, covariances, strict=True)
    ]
    largest = max(logs)
    return largest + math.log(math.fsum(math.exp(value - largest) for value in logs))


def _normal_log_density(apart: Sequence[Fraction], covariance: Sequence[Sequence[float]]) -> float:
    """Eliminate the covariance beside the distance: the pivots give the determinant, the rests the square."""
    rows = [[*map(Fraction, row), delta] for row, delta in zip(covariance, apart, strict=True)]
    square, log_determinant = Fraction(0), 0.0
    while rows:
        first, *others = rows
        square += first[-1] ** 2 / first[0]
        log_determinant += math.log(first[0])
        rows = [
            [x - row[0] / first[0] * y for x, y in zip(row[1:], first[1:], strict=True)] for row in others
        ]
    return -0.5 * (len(apart) * math.log(2.0 * math.pi) + log_determinant + float(square))


# --- ext/boosting.pyx --------------------------------------------------------------------------------------


def tree_leaf(
    event: Sequence[float],
    features: Sequence[int],
    thresholds: Sequence[float],
    children: Sequence[Sequence[int]],
    root: int,
) -> int:
    """Return the node at which an event ends."""
    first, second = children[root]
    if first == root:
        return root
    below = second if event[features[root]] > thresholds[root] else first
    return tree_leaf(event, features, thresholds, children, below)


# --- ext/vcf_lines.pyx -------------------------------------------------------------------------------------


def passed_lines(text: bytes, chrom: bytes, n_tabs: int, first: int, beyond: int) -> tuple[int, int]:
    """Return where the first line stands that may touch the gene, and how many stand before it."""
    at = passed = 0
    while (end := text.find(b"\n", at)) >= 0:
        cells = text[at:end].split(b"\t")
        if cells[0] != chrom or len(cells) != n_tabs + 1 or not _cannot_touch(cells, first, beyond):
            break
        at, passed = end + 1, passed + 1
    return at, passed


def _cannot_touch(cells: list[bytes], first: int, beyond: int) -> bool:
    pos, ref, alt, info = cells[1], cells[3], cells[4], cells[7]
    if not pos.isdigit() or len(pos) > 10 or b"[" in alt or b"]" in alt:
        return False
    if int(pos) > beyond:
        return True
    ends = [item[4:] for item in info.split(b";") if item.startswith(b"END=")]
    if ends and not (len(ends) == 1 and ends[0].isdigit() and len(ends[0]) <= 10 and int(ends[0]) > 0):
        return False
    if b"<" in alt and (not ends or int(ends[0]) < int(pos)):
        return False
    return max(int(pos) + max(1, len(ref)), *(int(end) + 1 for end in ends), 0) < first


# --- ext/bcf_records.pyx -----------------------------------------------------------------------------------


def passed_records(
    records: Sequence[tuple[int, int, int, Sequence[str]]], contig: int, first: int, beyond: int
) -> int:
    """Count the records (contig, POS, length, alleles) before the first that may touch the gene."""
    for n, (on, pos, length, alleles) in enumerate(records):
        text = "".join(alleles)
        before = pos + length < first and "<" not in text
        if on != contig or "[" in text or "]" in text or not (pos > beyond or before):
            return n
    return len(records)


# --- ext/index_places.pyx ----------------------------------------------------------------------------------

Bins = Mapping[int, Sequence[tuple[int, int]]]


def index_places(contigs: Sequence[Bins], summary: int) -> list[int]:
    """Return first offset, end offset and number of records of each contig, one behind the other."""
    found = []
    for bins in contigs:
        chunks = bins.get(summary, ())
        if len(chunks) == 2:
            found += [*chunks[0], sum(chunks[1])]
        else:
            found += [0, 0, -1 if bins else 0]
    return found
