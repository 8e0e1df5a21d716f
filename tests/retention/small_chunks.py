"""Imported by the workshop of the kill test: an erasure of a few items passes many commits."""

from taxsys.platform.retention import jobs

jobs.CHUNK_ROOTS = 1
jobs.CHUNK_FILES = 1
