"""What stored models have in common: strict numbers, arrays that nothing changes, one refusal."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter, ValidationError

from mrdkit.errors import InputError

__all__ = ["ModelKind", "Number", "Place", "kept"]

Number: TypeAlias = Annotated[float, Field(strict=True)]  # no text, no truth value
Place: TypeAlias = Annotated[int, Field(strict=True, ge=0, lt=2**31)]

_Model = TypeVar("_Model")
_Scalar = TypeVar("_Scalar", np.float64, np.int32)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind:
    """A kind of model and how it is refused.

    Attributes:
        name: as in "the numbers are no {name}".
        code: of the error.
    """

    name: str
    code: str

    def refused(self, place: str, *, expected: str, found: str | None = None) -> InputError:
        """Return the error for one place of a model."""
        return InputError(
            f"the numbers are no {self.name}",
            code=self.code,
            place=place,
            expected=expected,
            found=found,
            remedy="fit the model again",
        )

    def validated(self, document: object, record: type[_Model]) -> _Model:
        """Return a document as a checked record, or raise the refusal of the first place that is wrong."""
        try:
            return TypeAdapter(record).validate_python(document)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "document"
            raise self.refused(place, expected=first["msg"], found=repr(first["input"])[:80]) from None


def kept(values: NDArray[_Scalar], kind: type[_Scalar]) -> NDArray[_Scalar]:
    """Return a read-only copy in the kernels' layout.

    Raises:
        ValueError: a number is not the same in that type.
    """
    with np.errstate(invalid="ignore"):
        copy = np.array(values, dtype=kind, order="C")
    if not np.array_equal(copy, values, equal_nan=True):
        raise ValueError(f"a number is not the same as {np.dtype(kind).name}")
    copy.flags.writeable = False
    return copy
