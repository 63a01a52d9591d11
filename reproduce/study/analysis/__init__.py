"""Analyses the rows of the study by PROTOCOL.md, and writes the page of results. Needs requirements/study.txt."""
