"""Flow cytometry: FCS files to MRD at 1e-4. Read, compensate, transform, gate, call."""

from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.dataset import FcsDataset, Spillover
from mrdkit.flow.fcs import read_fcs, read_fcs_datasets
from mrdkit.flow.gating import GatingResult, apply_gating
from mrdkit.flow.mrd.background import Background
from mrdkit.flow.mrd.background_building import background_of, build_background
from mrdkit.flow.mrd.background_file import background_text, read_background
from mrdkit.flow.mrd.background_patient import for_patient
from mrdkit.flow.mrd.blank import MeasuredBlank, measure_blank
from mrdkit.flow.mrd.call import Assessment, assess_flow_mrd, call_flow_mrd
from mrdkit.flow.mrd.detection_rules import read_detector_settings
from mrdkit.flow.mrd.panel import Panel, read_panel
from mrdkit.flow.mrd.qc_strip import QcStrip, qc_strip
from mrdkit.flow.mrd.views import gate_views
from mrdkit.flow.quality import QualityReport, quality_report, read_quality_rules
from mrdkit.flow.strategy import GatingStrategy
from mrdkit.flow.template_strategy import load_gating
from mrdkit.flow.view import GateView

__all__ = [
    "Assessment",
    "Background",
    "Channel",
    "FcsDataset",
    "FcsWarning",
    "GateView",
    "GatingResult",
    "GatingStrategy",
    "MeasuredBlank",
    "Panel",
    "QcStrip",
    "QualityReport",
    "Spillover",
    "apply_gating",
    "assess_flow_mrd",
    "background_of",
    "background_text",
    "build_background",
    "call_flow_mrd",
    "for_patient",
    "gate_views",
    "load_gating",
    "measure_blank",
    "qc_strip",
    "quality_report",
    "read_background",
    "read_detector_settings",
    "read_fcs",
    "read_fcs_datasets",
    "read_panel",
    "read_quality_rules",
]
