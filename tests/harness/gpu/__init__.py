"""Checks on an NVIDIA GPU, rehearsed on a CPU: `bash reproduce/gpu.sh OUT [--rehearse]`."""
