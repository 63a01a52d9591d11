"""The exit codes of every command. Each command's help lists the codes that it returns."""

GOOD = 0
#: An unexpected error; also output that cannot be written.
UNEXPECTED = 1
#: Wrong arguments, an invalid file, a missing framework or library.
USAGE = 2
#: A training whose loss is not a number any more.
DIVERGED = 3
#: Rates differ, a promise is missed, a page is not current.
FAILED = 4
#: Data that is missing or invalid.
DATA = 5
#: A checkpoint that is invalid or belongs to another run.
CHECKPOINT = 6
#: Ended by SIGINT or SIGTERM.
INTERRUPTED, TERMINATED = 130, 143
