"""証明の照会 (reads): what the check looks at, and the issue register."""
