"""A whole run as a training script, and the run files that describe one."""
