"""All tables of the grammar by name, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.contract.grammar.chat import CHOICE, CHUNKS
from mockserver.contract.grammar.items import ITEMS, OTHER
from mockserver.contract.grammar.life import LIFE
from mockserver.contract.grammar.machine import Machine

GRAMMAR: Final[Mapping[str, Machine]] = {
    machine.name: machine for machine in (LIFE, *ITEMS.values(), OTHER, CHUNKS, CHOICE)
}
