"""The arguments of the third exercise's script."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from frameworks import FRAMEWORKS
from frameworks.arguments import (
    Parser,
    build_choice_type,
    device,
    framework,
    parse_count,
    parse_epochs,
    parse_rate,
    parse_seed,
)
from frameworks.vision import NETWORKS
from reproduce.exercises.imagenet.schedules import SCHEDULES
from reproduce.trainer.command import EXIT_CODES

#: The most devices: in torch each is a process.
MOST = 64


def parse(arguments: list[str] | None) -> Namespace:
    """Return the options with their defaults; ends with exit code 2 if they contradict each other."""
    parser = Parser(prog="imagenet.py", description="Train a ResNet on photos.", epilog=EXIT_CODES)
    parser.add_argument("--framework", type=framework, required=True, help=", ".join(FRAMEWORKS))
    parser.add_argument("--network", type=build_choice_type(NETWORKS), default="resnet50", help="(default: resnet50)")
    parser.add_argument("--data", default="made", help="folder with train/CLASS and val/CLASS, torchvision:NAME, "
                        "fashion-mnist, or made: twelve made images (default: made)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of torchvision's data or Fashion-MNIST")
    parser.add_argument("--schedule", type=build_choice_type(SCHEDULES), default="gluoncv", help=", ".join(SCHEDULES))
    parser.add_argument("--lr", type=parse_rate, metavar="RATE", help="replaces the base rate (default: it stays)")
    parser.add_argument("--epochs", type=parse_epochs, metavar="N", help="(default: 120 for gluoncv, else 30)")
    parser.add_argument("--batch", type=parse_count, metavar="N", help="images of an update (default: 256; 8 of made)")
    parser.add_argument("--side", type=parse_count, metavar="N", help="pixels, from 32 (default: 224; 64 of made)")
    parser.add_argument("--seed", type=parse_seed, default=0, metavar="N", help="of weights and images (default: 0)")
    parser.add_argument("--device", type=device, default="auto", help="auto, cpu or gpu (default: auto)")
    parser.add_argument("--devices", type=parse_count, default=1, metavar="N", help="share each batch (default: 1)")
    parser.add_argument("--precision", type=build_choice_type(("single", "mixed")), default="single",
                        help="mixed: compute in 16 bits (default: single)")
    parser.add_argument("--workers", type=parse_count, default=8, metavar="N", help="threads that read (default: 8)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="(default: runs/imagenet, with -dry-run after it)")
    parser.add_argument("--resume", action="store_true", help="continue the run in --out after its last whole epoch")
    parser.add_argument("--dry-run", action="store_true", help="make one update, evaluate one batch")
    chosen = parser.parse_args(arguments)
    made = chosen.data == "made"
    chosen.out = chosen.out or Path("runs") / f"imagenet{'-dry-run' * chosen.dry_run}"
    chosen.epochs = 1 if chosen.dry_run else chosen.epochs or (120 if chosen.schedule == "gluoncv" else 30)
    chosen.batch, chosen.side = chosen.batch or (8 if made else 256), chosen.side or (64 if made else 224)
    if chosen.devices > MOST:
        parser.error(f"argument --devices: must be at most {MOST}, got {chosen.devices}")
    if chosen.batch % chosen.devices:
        parser.error(f"argument --batch: must be a multiple of --devices {chosen.devices}, got {chosen.batch}")
    if not 32 <= chosen.side <= 2048:
        parser.error(f"argument --side: must be a whole number from 32 to 2048, got {chosen.side}")
    return chosen
