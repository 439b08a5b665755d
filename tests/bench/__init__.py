"""Tests of the comparison with the C daemon."""
