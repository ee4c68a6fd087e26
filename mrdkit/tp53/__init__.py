"""TP53 from variant files: HGVS of every allele, and the status of a patient."""

from mrdkit.tp53.allelic import SecondHit
from mrdkit.tp53.annotate import Annotation, annotate_allele
from mrdkit.tp53.annotated import AlleleRow, AnnotatedVcf, annotate_vcf
from mrdkit.tp53.call import call_tp53, not_tested
from mrdkit.tp53.counting import judge
from mrdkit.tp53.coverage import Coverage, read_coverage
from mrdkit.tp53.naming import name_allele
from mrdkit.tp53.policy import Policy, load_policy

__all__ = [
    "AlleleRow",
    "AnnotatedVcf",
    "Annotation",
    "Coverage",
    "Policy",
    "SecondHit",
    "annotate_allele",
    "annotate_vcf",
    "call_tp53",
    "judge",
    "load_policy",
    "name_allele",
    "not_tested",
    "read_coverage",
]
