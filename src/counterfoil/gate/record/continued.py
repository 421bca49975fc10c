"""How a journal goes on after a place, as another host tells it: nothing of it is believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from counterfoil.gate.record.decided import Batch, weight_of
from counterfoil.gate.record.journal import Mark, Opening, lines
from counterfoil.runtime.chain import JournalError


class Continued(NamedTuple):
    """What comes after a place.

    Attributes:
        batches: in order.
        reached: the place after the last of them.
        missed: batches before the first of them that whoever tells this does not have any more.
        places: the place after each of them.
    """

    batches: list[Batch]
    reached: Mark
    missed: int = 0
    places: Sequence[Mark] = ()

    def pieces(self, most: int) -> Iterator[Continued]:
        """Yield it in pieces of so many rows and counts at most, or of one batch that has more.

        There is one piece if it is empty.
        """
        found, size, missed = list[Batch](), 0, self.missed
        for number, batch in enumerate(self.batches):
            if found and size + weight_of(batch) > most:
                yield Continued(found, self.places[number - 1], missed)
                found, size, missed = [], 0, 0
            found.append(batch)
            size += weight_of(batch)
        yield Continued(found, self.reached, missed)


def continued(raw: bytes, after: Mark) -> Continued:
    """Read whole lines that follow a place.

    Raises:
        JournalError: for what does not follow it, or no journal ever held.
    """
    mark, found, missed, read = after, list[Batch](), 0, 0
    places: list[Mark] = []
    for line, place, end in lines(raw, after, is_last=False):
        if isinstance(line, Opening):
            gap = line.after - mark.position
            if line.journal != after.journal or gap < 0 or (not gap and line.chain != mark.chain):
                raise _unfit(mark)
            if gap and read:
                raise _unfit(mark)
            missed += gap
        elif line.position != mark.position + 1 or not (mark.position or read):
            raise _unfit(mark)
        else:
            found.append(line)
            places.append(place)
        mark, read = place, end
    if read != len(raw):
        message = f"it ends within the line after batch {mark.position}"
        raise JournalError(message)
    return Continued(found, mark, missed, places)


def _unfit(mark: Mark) -> JournalError:
    return JournalError(f"what comes after batch {mark.position} does not follow it")
