"""Writes the schedule editor, a page that computes the specification in JavaScript."""
