"""The chapter's exercises: each a command that runs one of them, and what its page states."""
