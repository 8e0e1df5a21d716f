"""Imported by the workers of the kill tests: chunks so small that a little city has several of each stage."""

import assessment.resident.jobs
import assessment.resident.notices.print_jobs
import collection.jobs.slips

assessment.resident.jobs.CHUNK_PERSONS = 30
assessment.resident.jobs.RELEASE_PERSONS = 15
collection.jobs.slips.CHUNK_CHARGES = 40
object.__setattr__(assessment.resident.notices.print_jobs.TAX_NOTICES, "chunk_pieces", 10)
