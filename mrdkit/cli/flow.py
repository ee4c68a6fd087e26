"""mrdkit flow: what FCS files hold, and their events in other formats."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from mrdkit.cli.output import JsonOption, finish, print_json, print_table, run_each

if TYPE_CHECKING:
    from mrdkit.flow import FcsDataset
    from mrdkit.results import Json

__all__ = ["DatasetOption", "app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Flow cytometry (FCS files).")

DatasetOption: TypeAlias = Annotated[
    int | None, typer.Option("--dataset", min=0, help="Which data set of the file, from 0.")
]
_Values: TypeAlias = Literal["linear", "stored"]

_FORMATS = (".parquet", ".csv", ".fcs")


@app.callback()
def flow() -> None:
    """Flow cytometry (FCS files)."""


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(help="FCS files.", show_default=False)],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what FCS files hold, and each doubt about them."""
    batch = run_each(files, _description)
    finish(
        batch,
        as_json_document=as_json,
        columns=("path", "versions", "n_events", "n_channels", "cytometers", "flags"),
    )


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="An FCS file.", show_default=False)],
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="OUT.parquet, OUT.csv or OUT.fcs.", show_default=False)
    ],
    dataset: DatasetOption = None,
    values: Annotated[
        _Values,
        typer.Option(help="linear: amplification, gain and time step applied; stored: as in the file."),
    ] = "linear",
    as_json: JsonOption = False,
) -> None:
    """Write the events of one data set as a table or as FCS 3.1."""
    from mrdkit.files import write_bytes
    from mrdkit.flow import read_fcs

    _check_output(file, output)
    chosen = read_fcs(file, dataset)
    write_bytes(output, _encoded(chosen, output.suffix.lower(), values))
    document: dict[str, Json] = {
        "path": str(file),
        "output": str(output),
        "dataset": chosen.index,
        "values": values,
        "n_events": chosen.n_events,
        "channels": [channel.name for channel in chosen.channels],
        **_doubts((chosen,)),
    }
    if as_json:
        print_json(document)
    else:
        print_table([document], ("path", "output", "dataset", "values", "n_events", "flags"))


def _check_output(file: Path, output: Path) -> None:
    from mrdkit.errors import UsageError
    from mrdkit.files import check_not_input

    if output.suffix.lower() not in _FORMATS:
        raise UsageError(
            "the output format is not known",
            code="FORMAT_UNKNOWN",
            file=output,
            expected="a name that ends in " + ", ".join(_FORMATS),
            found=output.suffix or "no suffix",
        )
    check_not_input(output, [file])


def _encoded(dataset: "FcsDataset", suffix: str, values: _Values) -> bytes:
    if suffix == ".fcs":
        from mrdkit.flow.fcs_writing import to_fcs

        return to_fcs(dataset, values=values)
    import io

    import polars as pl

    names = [channel.name for channel in dataset.channels]
    columns = dataset.linear_columns if values == "linear" else dataset.stored_columns
    table = pl.DataFrame(dict(zip(names, columns(range(len(names))), strict=True)))
    content = io.BytesIO()
    if suffix == ".parquet":
        table.write_parquet(content)
    else:
        table.write_csv(content)
    return content.getvalue()


def _description(path: Path) -> dict[str, object]:
    from mrdkit.flow import read_fcs_datasets

    datasets = read_fcs_datasets(path)
    return {
        "sha256": datasets[0].sha256,
        "versions": [dataset.version for dataset in datasets],
        "n_events": [dataset.n_events for dataset in datasets],
        "n_channels": [len(dataset.channels) for dataset in datasets],
        "cytometers": [dataset.cytometer for dataset in datasets],
        **_doubts(datasets),
        "datasets": [_data_set(dataset) for dataset in datasets],
    }


def _doubts(datasets: tuple["FcsDataset", ...]) -> dict[str, "Json"]:
    warnings = [warning for dataset in datasets for warning in dataset.warnings]
    return {
        "flags": list(dict.fromkeys(warning.code for warning in warnings)),
        "reasons": list(dict.fromkeys(warning.message for warning in warnings)),
    }


def _data_set(dataset: "FcsDataset") -> dict[str, object]:
    from mrdkit.flow.fcs_spillover import spillover_keywords
    from mrdkit.flow.quality import channel_quality

    qualities = zip(dataset.channels, channel_quality(dataset), strict=True)
    return {
        "index": dataset.index,
        "version": dataset.version,
        "cytometer": dataset.cytometer,
        "n_events": dataset.n_events,
        "n_events_declared": dataset.n_events_declared,
        "data_type": dataset.data_type,
        "byte_order": dataset.byte_order,
        "offsets_used": dataset.offsets_used,
        "channels": [
            {
                "index": channel.index,
                "name": channel.name,
                "label": channel.label,
                "bits": channel.bits,
                "range": channel.range,
                "amplification": list(channel.amplification),
                "gain": channel.gain,
                "n_clipped": quality.n_clipped,
                "n_at_floor": quality.n_at_floor,
                "n_not_finite": quality.n_not_finite,
            }
            for channel, quality in qualities
        ],
        "spillover": dataset.spillover,
        "spillover_keywords": spillover_keywords(dataset.text),
        "warnings": dataset.warnings,
    }
