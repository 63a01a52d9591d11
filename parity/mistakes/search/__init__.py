"""Which known mistake makes one sequence of rates from another? Every mistake is tried, anywhere in a schedule."""
