"""Imported by the workers of the kill test: one person a chunk."""

from assessment.resident.moves import jobs

jobs.CHUNK_PERSONS = 1
