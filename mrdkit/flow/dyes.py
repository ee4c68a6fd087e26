"""Names of fluorochromes as they stand beside markers in channel labels: a vocabulary, no decision.

A name is written in capitals without separators: a dye, perhaps with a tandem acceptor, perhaps with the
pulse letter A, H or W. Source: catalogue names of the dyes in clinical use.
"""

import re

__all__ = ["is_dye"]

_DYES = (
    "FITC|PE|RPE|APC|ECD|PERCP|PERCPVIO700|PB|PO|KO|KRO|PACIFICBLUE|PACIFICORANGE|PACBLUE|PACORANGE|KROMEORANGE|"
    "AMCYAN|TEXASRED|TXRED|PC5|PC55|PC7|DAPI|7AAD|AAD|PI|DRAQ5|DRAQ7|SYTO16|SYTO41|SYTOX|AQUA|NIR|AMINE|"
    "VIOBLUE|VIOGREEN|VIOBRIGHT|CASCADEBLUE|CY3|CY5|CY55|CY7|NC650|ZOMBIE(?:NIR|AQUA|VIOLET|GREEN|YELLOW|RED|UV)"
)
#: Families whose members carry a wavelength.
_FAMILIES = (
    "V|BV|BUV|BB|BYG|BR|RB|RY|RR|R|AF|A|ALEXA|ALEXAFLUOR|EF|EFLUOR|SB|SUPERBRIGHT|QD|QDOT|ATTO|DYLIGHT|SNV|SNB|SNR|"
    "NFB|NFR|NFY|NOVAFLUORBLUE|NOVAFLUORRED|NOVAFLUORYELLOW|SPARK|SPARKBLUE|SPARKYG|SPARKNIR|SPARKVIOLET|SPARKRED|"
    "SPARKUV|CF|VIO|VIOBRIGHT|VIOBRIGHTR|VIOBRIGHTB|VIOBRIGHTV|FVS|FVD|ZOMBIE|PE|PERCP|APC|BRILLIANTVIOLET|"
    "BRILLIANTBLUE|BRILLIANTULTRAVIOLET|REALBLUE|REALYELLOW|STARBRIGHTBLUE|STARBRIGHTVIOLET|SBB|SBV|SBUV|SBY|SBR|KIRAVIABLUE|"
    "CFLUORV|CFLUORB|CFLUORBYG|CFLUORR|IFLUOR"
)
_ACCEPTORS = (
    "CY5|CY55|CY7|C5|C55|C7|H7|TR|TXRED|TEXASRED|DAZZLE|DAZZLE594|DAZZLE594TM|CF594|ELAB594|FIRE|"
    r"FIRE\d{3}|VIO\d{3}|VIO|R\d{3}|AF\d{3}|A\d{3}|ALEXAFLUOR\d{3}|ALEXA\d{3}|EF\d{3}|EFLUOR\d{3}"
)
_PULSE = "[AHW]?"

_DYE = re.compile(rf"(?:(?:{_DYES})(?:{_ACCEPTORS})?|(?:{_FAMILIES})\d{{3}}){_PULSE}")


def is_dye(name: str) -> bool:
    """Return whether a name in capitals without separators is a fluorochrome's.

    >>> is_dye("PECY7"), is_dye("BV421A"), is_dye("RAFITC"), is_dye("CD34")
    (True, True, False, False)
    """
    return _DYE.fullmatch(name) is not None
