"""XML from outside: what could read other files, grow without end or mean another thing is refused."""

from pathlib import Path

import pytest
from gating_documents import gatingml, population, rectangle, workspace

from mrdkit.errors import InputError
from mrdkit.flow import load_gating
from mrdkit.flow.xml_input import xml_from

GOOD = gatingml(rectangle("A", {"FSC-A": (1.0, 2.0)}))
DOCTYPE = "<!DOCTYPE gating:Gating-ML>"
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1 or str()};" * 10}">' for i in range(1, 10))
    + "]>"
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
OUTSIDE_SUBSET = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


def code_of(content: bytes, folder: Path, name: str = "hostile.xml") -> str:
    path = folder / name
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        load_gating(path)
    assert error.value.file == str(path)
    return error.value.code


@pytest.mark.parametrize("prolog", [DOCTYPE, BOMB, EXTERNAL, OUTSIDE_SUBSET, "<!doctype x>", "<! DOCTYPE x>"])
@pytest.mark.parametrize("name", ["hostile.xml", "hostile.wsp", "HOSTILE.WSP"])
def test_a_document_type_is_refused(prolog: str, name: str, tmp_path: Path) -> None:
    assert code_of(f'<?xml version="1.0"?>{prolog}{GOOD}'.encode(), tmp_path, name) == "XML_DOCTYPE"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_a_document_type_is_refused_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    declared = "ISO-8859-1" if encoding == "latin-1" else encoding.partition("-sig")[0]
    text = f'<?xml version="1.0" encoding="{declared}"?>{EXTERNAL}{GOOD}'
    assert code_of(text.encode(encoding), tmp_path) == "XML_DOCTYPE"


def test_an_encoding_in_which_a_document_type_could_hide_is_refused(tmp_path: Path) -> None:
    for encoding in ("utf-7", "cp037", "no-such-encoding", "hz"):
        content = f'<?xml version="1.0" encoding="{encoding}"?>{GOOD}'.encode()
        assert code_of(content, tmp_path) == "XML_ENCODING"
    assert code_of(b'<?xml version="1.0" encoding="ascii"?><a>\xff</a>', tmp_path) == "XML_ENCODING"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_a_good_document_is_read_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    declared = {"latin-1": "ISO-8859-1", "utf-8-sig": "UTF-8", "utf-16-le": "UTF-16"}.get(encoding, encoding)
    path = tmp_path / "good.xml"
    document = gatingml(rectangle("A", {"Größe": (1.0, None)}))
    path.write_bytes(f'<?xml version="1.0" encoding="{declared}"?>\n{document}'.encode(encoding))
    assert load_gating(path).dimensions[0].name == "Größe"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "XML_MALFORMED"),
        (b"not XML", "XML_MALFORMED"),
        (b"\xff\xfe", "XML_MALFORMED"),
        (b"\xff\xfe<", "XML_ENCODING"),
        (b"<a><b></a>", "XML_MALFORMED"),
        (b"<a>&nothing;</a>", "XML_MALFORMED"),
        (b"<a>\x00</a>", "XML_MALFORMED"),
        (b"<html/>", "XML_UNKNOWN"),
        (b"<g:Gating-ML xmlns:g='http://www.isac-net.org/std/Gating-ML/v1.5/gating'/>", "XML_UNKNOWN"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "XML_MALFORMED"),
        (b"<a b='" + b"x" * 100_000_000 + b"'/>", "XML_MALFORMED"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else value,
)
def test_what_is_no_strategy_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert code_of(content, tmp_path) == code


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mrdkit.flow.xml_input._LARGEST", 100)
    assert code_of(b" " * 101, tmp_path) == "XML_TOO_LARGE"


def test_a_malformed_line_is_named() -> None:
    with pytest.raises(InputError, match="line 3"):
        xml_from(b"<a>\n<b>\n</a>")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        load_gating(tmp_path / "absent.wsp")
    assert error.value.code == "FILE_MISSING"


def test_the_content_decides_which_format_it_is(tmp_path: Path) -> None:
    as_wsp, as_xml = tmp_path / "strategy.wsp", tmp_path / "workspace.xml"
    as_wsp.write_text(GOOD, encoding="utf-8")
    gate = '<Gate><gating:RectangleGate><gating:dimension gating:min="1"><data-type:fcs-dimension '
    gate += 'data-type:name="FSC-A"/></gating:dimension></gating:RectangleGate></Gate>'
    as_xml.write_text(workspace([population("A", gate)]), encoding="utf-8")
    assert load_gating(as_wsp).source == "Gating-ML 2.0"
    assert load_gating(as_xml).source == "FlowJo 10.8.1 workspace"


def test_comments_and_instructions_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "commented.xml"
    path.write_text(GOOD.replace("><", "><!-- a comment --><?an instruction?><"), encoding="utf-8")
    plain = tmp_path / "plain.xml"
    plain.write_text(GOOD, encoding="utf-8")
    assert load_gating(path).gates == load_gating(plain).gates
