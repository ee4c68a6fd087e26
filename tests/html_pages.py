"""Pages as a reader sees them, and a text that must never become a part of one."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "line", "circle", "path", "polyline", "link", "br"}
HOSTILE = '<script>alert("x")</script>&\'"'


class Balanced(HTMLParser):
    """Complains about a tag that is not closed, and collects the words a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.seen.append(data)

    @property
    def text(self) -> str:
        """The words a reader sees, with single blanks."""
        return re.sub(r"\s+", " ", " ".join(self.seen))
