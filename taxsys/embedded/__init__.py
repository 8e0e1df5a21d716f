"""Starter and watcher of the demonstration's and the tests' own servers. Standard library only; no Django."""
