"""One sequencing sample as plain values: what the file says, its sequences, and each doubt met in reading it.

No clinical rule is known here. Frequencies are never taken over from a file; templates are the only quantity.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mrdkit.ngs.sequences import SequenceTable

__all__ = ["AssayKind", "Compartment", "NgsSample", "SampleWarning", "StatedCells"]

AssayKind: TypeAlias = Literal["ID", "MRD", "unknown"]
Compartment: TypeAlias = Literal["cellular", "cell_free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWarning:
    """A repair or a doubt that travels with the sample: a stable code and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCells:
    """What a file or a user says of the input; None where nothing is said.

    Attributes:
        reference_loci: nucleated cells by non-receptor diploid loci.
        vendor_count: cells by the vendor, of unstated kind.
        from_mass: the vendor's estimate from DNA mass.
        dna_ng: input DNA in nanograms.
        user: cells that the user gave.
    """

    reference_loci: float | None = None
    vendor_count: float | None = None
    from_mass: float | None = None
    dna_ng: float | None = None
    user: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no amount."""
        for name in ("reference_loci", "vendor_count", "from_mass", "dna_ng", "user"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value < float("inf"):
                raise ValueError(f"{name} must be a number of at least 0, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NgsSample:
    """One sample of one file.

    Attributes:
        sample_id: name of the sample; the file's name without suffixes where the file does not say it.
        sha256: digest of the whole file as delivered, compressed or not.
        header: sample-level keys -> values as written, unknown ones kept.
        n_rows: rows of the sample in the file.
        rows: its sequences, each once per locus, in the order of the file.
        template_source: the column that templates were read from.
        templates_doubtful: the counts are or may be reads, so that no MRD may rest on them.
        total_reads: sequencing reads, None where the file does not say.
        plasma_ml: millilitres of plasma, None for a cellular sample.
    """

    sample_id: str
    sha256: str
    dialect: str
    assay_kind: AssayKind
    header: Mapping[str, str] = field(repr=False)
    n_rows: int
    rows: SequenceTable = field(repr=False)
    template_source: str
    templates_doubtful: bool
    total_reads: int | None
    stated: StatedCells
    plasma_ml: float | None
    qc_flags: str | None
    pipeline_version: str | None
    config_version: str | None
    warnings: tuple[SampleWarning, ...]

    def __post_init__(self) -> None:
        """Refuse an amount of plasma that is none."""
        if self.plasma_ml is not None and not 0.0 <= self.plasma_ml < float("inf"):
            raise ValueError(f"plasma_ml must be a number of at least 0, got {self.plasma_ml!r}")

    @property
    def compartment(self) -> Compartment:
        """Plasma millilitres above zero mark cell-free DNA."""
        return "cell_free" if self.plasma_ml else "cellular"

    @property
    def total_templates(self) -> int:
        """Templates of all rows."""
        return int(self.rows.templates.sum())
