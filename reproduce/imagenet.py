"""The chapter's third exercise: a ResNet on photos, with each of the chapter's schedules or GluonCV's recipe.

python reproduce/imagenet.py --framework torch --data FOLDER --schedule gluoncv
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the project instead of this folder

from reproduce.exercises.imagenet.options import parse
from reproduce.trainer.child import run_child
from reproduce.trainer.command import leave, report_errors


def main(arguments: list[str] | None = None) -> int:
    """Train with the given arguments, and return the exit code."""
    chosen = parse(arguments)
    if chosen.framework == "torch" and chosen.devices > 1 and "WORLD_SIZE" not in os.environ:
        options = sys.argv[1:] if arguments is None else arguments
        code = (f"import sys; sys.path[0] = {str(Path(__file__).resolve().parent.parent)!r}; "
                "from reproduce.exercises.imagenet.launch import launch; sys.exit(launch(*sys.argv[1:]))")
        return run_child([sys.executable, "-c", code, str(chosen.devices), __file__, *options])

    def run() -> int:
        from reproduce.exercises.imagenet.run import train

        return train(chosen)

    return report_errors(run)


if __name__ == "__main__":
    leave(main())
