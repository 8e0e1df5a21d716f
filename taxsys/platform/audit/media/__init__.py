"""Export of the access log to external media, and the verifier that travels with it."""
