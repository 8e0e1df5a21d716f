"""領収済通知書 (済通): slips paid at the designated bank and at counters, as OCR lines, punched or keyed by batch."""
