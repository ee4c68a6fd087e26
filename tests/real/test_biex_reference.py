"""FlowJo's biexponential scale against the look-up table that FlowJo itself wrote."""

import numpy as np
from real_data import real

from mrdkit.flow.transforms import Biex


def test_the_table_is_flowjos_to_the_digits_that_it_prints() -> None:
    name = "tr_biex_l256_w-7.943282_n1.000000_m4.418540_r262144.000029.csv"
    published = np.loadtxt(real(f"flow/reference_values/{name}"), delimiter=",", skiprows=1)
    scale = Biex(top=262144.000029, positive=4.418540, negative=1.0, width=-7.943282)
    places, values = published.T
    assert len(values) == 4096
    found = scale.inverse(places)
    assert np.abs(found - values).max() <= 1e-5 * np.abs(values).max()
    assert (np.abs(found - values) <= 5.1e-6 * np.abs(values) + 5e-4).all()  # six digits are printed
    assert np.abs(scale.apply(values) - places).max() < 0.05
