"""Imported by the workers of the kill test of key rotation: few slices, so that every commit can be killed in turn."""

from addressbook.services import key_ranges

key_ranges.SLICE_BITS = 2
