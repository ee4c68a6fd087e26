"""Random calls of every kind, made from the types of the records: what a room may return is kept."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from mrdkit.results import (
    Call,
    FishCall,
    FlowMrdCall,
    KaryotypeCall,
    NgsMrdCall,
    ResponseCall,
    Tp53Call,
)

__all__ = ["CALL_TYPES", "calls", "value_of"]

CALL_TYPES: tuple[type[Call], ...] = (
    FlowMrdCall,
    NgsMrdCall,
    FishCall,
    KaryotypeCall,
    Tp53Call,
    ResponseCall,
)

_TEXT = st.text(max_size=6)
_PLAIN: dict[object, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(0, 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    NoneType: st.none(),
}


def value_of(kind: Any, text: st.SearchStrategy[str] = _TEXT) -> st.SearchStrategy[Any]:
    """Return values of one annotated type, with the given texts in them."""
    if kind is str:
        return text
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: value_of(hints[field.name], text) for field in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _generic(get_origin(kind), get_args(kind), text)


def _generic(
    origin: object, arguments: tuple[Any, ...], text: st.SearchStrategy[str]
) -> st.SearchStrategy[Any]:
    if origin is Literal:
        return st.sampled_from(arguments)
    parts = [value_of(each, text) for each in arguments if each is not Ellipsis]
    if origin in (Union, UnionType):
        return st.one_of(*parts)
    if origin is tuple and Ellipsis not in arguments:
        return st.tuples(*parts)
    if origin is tuple:
        return st.lists(parts[0], max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(parts[0], parts[1], max_size=3).map(MappingProxyType)
    raise TypeError(f"no values for {origin} of {arguments}")


def calls() -> st.SearchStrategy[Call]:
    """Return calls of every kind."""
    return st.one_of(*(value_of(kind) for kind in CALL_TYPES))
