"""The cases of parameter groups, read from groups.toml: on the probe's network, body.weight, body.bias, head.weight."""

from __future__ import annotations

from frameworks.schedule.groups import ParameterGroups
from parity.cases import FOLDER, Record, read_records

#: The probe's parameters, as PyTorch calls them, in the order in which they are measured.
PARAMETERS = ("body.weight", "body.bias", "head.weight")
#: The updates of each case.
UPDATES = 24
#: After this update the measurement is saved, and continues in a new network and a new optimizer.
RESUMED_AT = 11
#: Patterns of the biases, and of the head.
BIAS, HEAD = ["*bias"], ["*head*"]


class GroupCase(Record):
    """Parameter groups that every framework must apply.

    groups: as in a file of parameter groups.
    """

    groups: ParameterGroups


CASES = {name: case.groups for name, case in read_records(FOLDER / "groups.toml", GroupCase).items()}
