"""Flow cytometry: FCS files -> measurable residual disease at 1e-4."""

from mrdkit.flow.channel import Channel, FcsWarning
from mrdkit.flow.dataset import FcsDataset, Spillover
from mrdkit.flow.fcs import read_fcs, read_fcs_datasets

__all__ = ["Channel", "FcsDataset", "FcsWarning", "Spillover", "read_fcs", "read_fcs_datasets"]
