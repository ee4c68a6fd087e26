"""`mrdkit flow export-gating`, and the options that say which strategy is meant."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrdkit.cli.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from mrdkit.flow.dataset import FcsDataset
    from mrdkit.results import Json

__all__ = ["STRATEGY_HELP", "SampleOption", "export_gating", "names_of"]

STRATEGY_HELP = (
    "Gating strategy: Gating-ML 2.0 (.xml), FlowJo 10 workspace (.wsp) or mrdkit template (.toml)."
)

SampleOption = Annotated[
    str | None,
    typer.Option("--sample", help="Sample of a FlowJo workspace, where the file's name does not tell."),
]


def names_of(file: Path, dataset: "FcsDataset") -> tuple[str, ...]:
    """Return the names by which a workspace may know a file: its own, and the one it was measured under."""
    return tuple(dict.fromkeys(name for name in (file.name, dataset.text.get("$FIL", "").strip()) if name))


def export_gating(
    strategy: Annotated[Path, typer.Argument(metavar="STRATEGY", help=STRATEGY_HELP)],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="OUT.xml.", show_default=False)],
    for_file: Annotated[
        Path | None, typer.Option("--for", help="FCS file that tells which channel carries which marker.")
    ] = None,
    dataset: Annotated[int | None, typer.Option("--dataset", help="Data set in --for, from 0.")] = None,
    sample: SampleOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a strategy as Gating-ML 2.0."""
    from mrdkit.errors import MrdkitError, UsageError
    from mrdkit.files import write_bytes
    from mrdkit.flow.fcs import read_fcs
    from mrdkit.flow.gating_channels import with_channels
    from mrdkit.flow.gatingml_writing import write_gatingml
    from mrdkit.flow.template_strategy import load_gating

    if output.suffix.lower() != ".xml":
        raise UsageError(
            "strategies are written as Gating-ML 2.0",
            code="SUFFIX_UNKNOWN",
            place="--output",
            expected="a name that ends in .xml",
            found=output.name,
        )
    if output.exists() and strategy.exists() and output.samefile(strategy):
        raise UsageError(
            "the output would replace the input",
            code="OUTPUT_IS_INPUT",
            file=output,
            remedy="choose another name",
        )
    tube = None if for_file is None else read_fcs(for_file, dataset=dataset)
    names = () if for_file is None or tube is None else names_of(for_file, tube)
    loaded = load_gating(strategy, sample=sample, file_names=names)
    try:
        resolved = loaded if tube is None else with_channels(loaded, tube)
    except MrdkitError as error:
        raise error.in_file(for_file) from None
    try:
        content = write_gatingml(resolved)
    except MrdkitError as error:
        raise error.in_file(strategy) from None
    write_bytes(output, content)
    document: dict[str, Json] = {
        "path": str(strategy),
        "output": str(output),
        "n_gates": len(resolved.gates),
        "flags": list(loaded.flags),
        "reasons": list(loaded.reasons),
    }
    if as_json:
        print_json(document)
    else:
        print_table([document], ("path", "output", "n_gates", "flags"))
