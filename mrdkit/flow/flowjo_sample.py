"""Which sample of a FlowJo workspace a file is: by its name, never by position.

A sample answers to its name in the workspace, to the file name that the workspace remembers and to its $FIL.
Exactly one must answer. Messages say how many samples there are and do not list them: a sample's name may be
a patient's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from mrdkit.errors import RuleError, UsageError
from mrdkit.flow.xml_input import Element

__all__ = ["Sample", "chosen_sample"]

_OPTION = "say which one with --sample NAME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sample of a workspace, and how it was found.

    Attributes:
        element: the Sample element.
        node: its SampleNode, which holds the gates.
        keywords: the FCS keywords that FlowJo saw.
        flags: SAMPLE_NAME_DIFFERS where the file has another name than the sample that was asked for.
        reasons: how it was found, as a sentence.
    """

    element: Element
    node: Element
    keywords: Mapping[str, str]
    flags: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Return every name that the sample answers to."""
        data_set = self.element.find("DataSet")
        uri = "" if data_set is None else data_set.get("uri", "")
        file_name = unquote(uri).replace("\\", "/").rpartition("/")[2]
        found = {self.node.get("name", ""), file_name, self.keywords.get("$FIL", "")}
        return frozenset(name.strip() for name in found if name.strip())


def chosen_sample(workspace: Element, *, sample: str | None, file_names: Sequence[str]) -> Sample:
    """Return the sample that was asked for, else the one named like the file, else the only one.

    Args:
        workspace: the root of the workspace.
        sample: the name that was asked for, or a sampleID of the workspace.
        file_names: the names of the FCS file that is to be gated; none where no file is known.

    Raises:
        UsageError: no sample or more than one answers.
        RuleError: the workspace has no sample.
    """
    samples = [_sample(element) for element in workspace.iterfind("SampleList/Sample")]
    if not samples:
        raise RuleError("the workspace has no sample", code="WSP_EMPTY")
    if sample is not None:
        named = [known for known in samples if sample in known.names]
        by_id = [known for known in samples if known.node.get("sampleID") == sample]
        chosen = _one(named or by_id, "has the name that was asked for", samples)
        differs = bool(file_names) and not chosen.names & set(file_names)
        return _found(
            chosen,
            samples,
            "as --sample says; the file has another name" if differs else "as --sample says",
            flags=("SAMPLE_NAME_DIFFERS",) if differs else (),
        )
    if file_names:
        named = [known for known in samples if known.names & set(file_names)]
        return _found(_one(named, "has the name of the file", samples), samples, "by the name of the file")
    return _found(_one(samples, "is the only one", samples), samples, "as the only one")


def _sample(element: Element) -> Sample:
    node = element.find("SampleNode")
    if node is None:
        raise RuleError(
            "a sample of the workspace has no node", code="WSP_INVALID", place=f"line {element.sourceline}"
        )
    keywords = {
        keyword.get("name", "").upper(): keyword.get("value", "")
        for keyword in element.iterfind("Keywords/Keyword")
    }
    return Sample(element=element, node=node, keywords=keywords)


def _found(chosen: Sample, samples: Sequence[Sample], how: str, *, flags: tuple[str, ...] = ()) -> Sample:
    place = 1 + [known.element for known in samples].index(chosen.element)
    sentence = f"Sample {place} of {len(samples)} in the workspace was taken, {how}."
    return Sample(
        element=chosen.element, node=chosen.node, keywords=chosen.keywords, flags=flags, reasons=(sentence,)
    )


def _one(found: Sequence[Sample], what: str, samples: Sequence[Sample]) -> Sample:
    if len(found) == 1:
        return found[0]
    raise UsageError(
        f"exactly one sample of the workspace must be meant; {len(found)} of {len(samples)} {what}"
        if len(found) != len(samples)
        else f"exactly one sample of the workspace must be meant; it has {len(samples)}",
        code="SAMPLE_AMBIGUOUS" if found else "SAMPLE_UNKNOWN",
        place="--sample",
        remedy=_OPTION,
    )
