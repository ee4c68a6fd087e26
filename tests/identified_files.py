"""FCS files with identity in every place that the format has, put together byte by byte."""

from collections.abc import Mapping, Sequence

__all__ = ["IDENTIFIERS", "IDENTIFYING_KEYWORDS", "identified_fcs", "planted"]

IDENTIFIERS = (
    "Doe^Jane",
    "Rosenkranz, Theophil",
    "MRN7731905",
    "03-MAY-1971",
    "S-4711-0815",
    "jane.doe@hospital.example",
    "ACC-2024-556677",
    "Müller-Lüdenscheidt",
    "Ward Nightingale 7",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    r"D:\Patients\Doe_Jane\relapse.fcs",
    "555-01-9876",
)

IDENTIFYING_KEYWORDS = (
    *("$FIL", "$DATE", "$BTIM", "$ETIM", "$SRC", "$OP", "GUID", "FILENAME", "CYTNUM", "TUBE NAME"),
    *("EXPERIMENT NAME", "EXPORT USER NAME", "EXPORT TIME", "$CELLS", "$COM", "$INST", "SAMPLE ID"),
    *("CASE NUMBER", "PANEL NAME", "GUID.ORIGINAL", "ORIGINALGUID", "$PROJ", "&10PATIENT ID", "&10PT NAME"),
    *(
        "$SMNO",
        "PLATE NAME",
        "PLATE ID",
        "@SAMPLEID1",
        "@SAMPLEID2",
        "$LAST_MODIFIER",
        "TESTNAME",
        "TESTFILE",
    ),
    *("MY LAB FIELD", "PATIENT Doe^Jane", "$P1G", "$P2V", "$TIMESTEP", "P1DISPLAY", "$SYS", "$P99S"),
)


def planted(turn: int) -> dict[str, str]:
    """Return every identifying keyword with one of the identifiers, another one in each turn."""
    return {
        keyword: IDENTIFIERS[(i + turn) % len(IDENTIFIERS)] for i, keyword in enumerate(IDENTIFYING_KEYWORDS)
    }


def identified_fcs(
    data: bytes,
    keywords: Mapping[str, str],
    *,
    version: str = "3.1",
    secret: Mapping[str, str],
    utf_16: Sequence[str] = (),
    delimiter: str = "|",
    has_next: bool = False,
) -> bytes:
    """Return one data set with `secret` in TEXT, supplemental TEXT, ANALYSIS and an OTHER segment.

    Args:
        data: DATA bytes.
        keywords: of TEXT, beside the offsets.
        version: of the HEADER.
        secret: keywords that identify.
        utf_16: those of them that TEXT holds as UTF-16.
        delimiter: of TEXT.
        has_next: let $NEXTDATA point at the end of what is returned.
    """
    mark = delimiter.encode()
    pairs = {key.encode(): value.encode() for key, value in secret.items()}
    pairs |= {key.encode(): secret[key].encode("utf-16-le") for key in utf_16}
    segment = mark + b"".join(key + mark + value + mark for key, value in pairs.items())
    places = dict.fromkeys(
        ("BEGINDATA", "ENDDATA", "BEGINSTEXT", "ENDSTEXT", "BEGINANALYSIS", "ENDANALYSIS"), 0
    )
    places["NEXTDATA"] = 0
    size = len(_text(keywords, places, mark, segment))
    text = (74, 74 + size - 1)
    supplement = (text[1] + 1, text[1] + len(segment))
    events = (supplement[1] + 1, supplement[1] + len(data))
    analysis = (events[1] + 1, events[1] + len(segment))
    other = (analysis[1] + 1, analysis[1] + len(segment))
    spans = {"DATA": events, "STEXT": supplement, "ANALYSIS": analysis}
    for name, (first, last) in spans.items():
        places |= {f"BEGIN{name}": first, f"END{name}": last}
    places["NEXTDATA"] = other[1] + 1 + 8 if has_next else 0
    offsets = (*text, *events, *analysis, *other)
    header = f"FCS{version}    ".encode() + b"".join(str(offset).rjust(8).encode() for offset in offsets)
    written = _text(keywords, places, mark, segment)
    return header + written + segment + data + segment + segment + b"00000000"


def _text(keywords: Mapping[str, str], places: Mapping[str, int], mark: bytes, segment: bytes) -> bytes:
    numbers = {f"${name}": str(place).zfill(10) for name, place in places.items()}
    pairs = ((key.encode(), value.encode()) for key, value in {**numbers, **keywords}.items())
    return segment + b"".join(key + mark + value + mark for key, value in pairs)
