"""The faults of a reply, read through the table of faults."""

from __future__ import annotations

from mockserver.faults.order import check_order
from mockserver.faults.reading import FaultValueError
from mockserver.faults.table import ReadFault, read_fault
from mockserver.scenario.spots import Spot


def read_faults(spot: Spot) -> tuple[ReadFault, ...]:
    """Every fault that could be read, in the order written."""
    found: list[ReadFault] = []
    places: list[Spot] = []
    for element in spot.elements():
        try:
            found.append(read_fault(element.value))
            places.append(element)
        except FaultValueError as error:
            element.refuse_at(error.key_path, error.message)
    for problem in check_order([one.written for one in found]):
        places[problem.index].refuse(problem.message)
    return tuple(found)
