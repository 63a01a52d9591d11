#!/usr/bin/env bash
# Checks on an NVIDIA GPU what this project promises, within 9 minutes, and installs nothing; README.md describes it.
# Usage: bash reproduce/gpu.sh OUT [--rehearse] [--minutes N] [--data-dir DIR]; PYTHON=... chooses the interpreter.
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd) || exit 1
python=${PYTHON:-python3}
if ! command -v "$python" > /dev/null; then
    echo "PYTHON=$python: no such program" >&2
    exit 2
fi
export TF_FORCE_GPU_ALLOW_GROWTH="${TF_FORCE_GPU_ALLOW_GROWTH:-true}"  # else each process takes the whole card
export CUDA_DEVICE_ORDER=PCI_BUS_ID  # nvidia-smi numbers the cards so
export PYTHONSAFEPATH=1 PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
exec "$python" -m tests.harness.gpu "$@"
