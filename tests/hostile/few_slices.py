"""Imported by the workers of the kill test of key rotation: few slices, so that every commit can be killed in turn."""

import addressbook.services.keys

addressbook.services.keys.SLICE_BITS = 2
