"""収納のバッチ (jobs of collection): slips before they are mailed, receipts that come back, direct debit, the proof."""

from collection.jobs import bank, banks, debit, proof, receipts, refunds, slips

JOBS = (*slips.JOBS, *receipts.JOBS, *debit.JOBS, *banks.JOBS, *refunds.JOBS, *bank.JOBS, *proof.JOBS)
