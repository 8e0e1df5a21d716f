"""模擬運用 (simulation): a seeded year of a small city through the real services and jobs, beside a reference model.

`model`, `refunds` and `interest` are that model: plain dicts, own arithmetic after the words of the law, nothing of the
product imported. `world` drives the product, `events` does one act on both, `compare` looks at every account after
every event, `year` runs a seed and reproduces what fails. docs/adr/0017-simulated-years.md.
"""
