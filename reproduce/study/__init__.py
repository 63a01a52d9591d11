"""A registered study of the chapter's experiments: PROTOCOL.md defines runs and tests, runs.csv has every run."""
