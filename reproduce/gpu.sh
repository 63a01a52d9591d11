#!/usr/bin/env bash
# Checks on an NVIDIA GPU what this project promises, within 9 minutes, and installs nothing; README.md describes it.
# Usage: bash reproduce/gpu.sh OUT [--rehearse] [--minutes N] [--data-dir DIR]; PYTHON=... chooses the interpreter.
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
export PYTHONSAFEPATH=1 PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python3}" -m tests.harness.gpu "$@"
