"""A registered study of the chapter's experiments: PROTOCOL.md says what is run and tested, runs.csv has every run."""
