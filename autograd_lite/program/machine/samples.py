"""Samples on their way between the arrays of a caller and the rows of a block.

A sample's numbers may follow one another in memory, or the samples of a number may, or neither. The
first two go by vectors: those that lie sample by sample are turned in registers.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir

from .emit import I64, POINTER, WIDTH, Emitter, integer


class Place:
    """Where samples lie: an address, and the distance in bytes of samples, and of the numbers of one.

    It is read from a record of three whole numbers.
    """

    def __init__(self, e: Emitter, records: Any, i: int) -> None:
        b = e.b
        at = [b.gep(records, [integer(3 * i + k)]) for k in range(3)]
        self.e = e
        self.address, self.by_sample, self.by_number = (b.load(each) for each in at)

    def at(self, sample: Any, k: Any) -> Any:
        """The pointer of number ``k`` of a sample."""
        b = self.e.b
        offset = b.add(b.mul(sample, self.by_sample), b.mul(k, self.by_number))
        return b.inttoptr(b.add(self.address, offset), POINTER)


class BlockSamples:
    """Copies the samples of one place to ``count`` consecutive rows of a block, and back.

    :param rows: the pointer of the first row, ``stride`` the distance of two.
    """

    def __init__(self, e: Emitter, place: Place, rows: Any, stride: int, count: int) -> None:
        self.e, self.place, self.rows, self.stride, self.count = e, place, rows, stride, count

    def row(self, k: Any, j: Any) -> Any:
        """The pointer of row ``k`` at lane ``j``."""
        b = self.e.b
        return b.gep(self.rows, [b.add(b.mul(k, integer(self.stride)), j)])

    def read(self, start: Any, stop: Any, size: Any, lanes: Any) -> None:
        """Fill the rows with ``size`` samples from ``start``; further lanes repeat the last."""
        e, b = self.e, self.e.b
        whole = self._by_vectors(start, stop, size, self._read_row, self._read_samples)
        last = b.sub(size, integer(1))
        with e.loop(lanes, 1, whole) as j:
            sample = b.add(start, b.select(b.icmp_signed("<", j, size), j, last))
            with e.loop(self.count) as k:
                b.store(b.load(self.place.at(sample, k), align=8), self.row(k, j))

    def write(self, start: Any, stop: Any, size: Any) -> None:
        """Put ``size`` lanes of the rows where the samples from ``start`` on lie."""
        e, b = self.e, self.e.b
        whole = self._by_vectors(start, stop, size, self._write_row, self._write_samples)
        with e.loop(size, 1, whole) as j, e.loop(self.count) as k:
            b.store(b.load(self.row(k, j)), self.place.at(b.add(start, j), k), align=8)

    def _by_vectors(self, start: Any, stop: Any, size: Any, by_row: Any, by_samples: Any) -> Any:
        """Copy what goes by vectors, and say how many samples that were.

        A vector along a short sample reaches into the next ones, which must be there.
        """
        e, b, place = self.e, self.e.b, self.place
        done = e.variable(I64, integer(0))
        eight = integer(8)
        with b.if_else(b.icmp_signed("==", place.by_sample, eight)) as (along, across):
            with along:
                whole = self._whole(size)
                with e.loop(self.count) as k, e.loop(whole, WIDTH) as j:
                    by_row(b.add(start, j), k, j)
                b.store(whole, done)
            with across:
                side_by_side = b.icmp_signed("==", place.by_number, eight)
                close = b.icmp_signed("==", place.by_sample, integer(8 * self.count))
                with b.if_then(b.and_(side_by_side, close)):
                    reach = integer(-(-WIDTH // self.count) - 1)
                    room = b.sub(b.sub(stop, start), reach)
                    whole = self._whole(b.select(b.icmp_signed("<", room, size), room, size))
                    with e.loop(whole, WIDTH) as j:
                        self._turned(start, j, by_samples)
                    b.store(whole, done)
        return b.load(done)

    def _whole(self, size: Any) -> Any:
        b = self.e.b
        found = b.and_(size, integer(-WIDTH))
        return b.select(b.icmp_signed("<", found, integer(0)), integer(0), found)

    def _turned(self, start: Any, j: Any, by_samples: Any) -> None:
        """Squares of numbers and samples; the last overlaps the one before."""
        first = self.e.b.add(start, j)
        whole = self.count // WIDTH * WIDTH
        with self.e.loop(whole, WIDTH) as k:
            by_samples(first, k, j, WIDTH)
        if whole < self.count:
            by_samples(first, integer(max(self.count - WIDTH, 0)), j, min(self.count, WIDTH))

    def _read_row(self, sample: Any, k: Any, j: Any) -> None:
        self.e.store_vector(self.e.load_vector(self.place.at(sample, k)), self.row(k, j))

    def _write_row(self, sample: Any, k: Any, j: Any) -> None:
        self.e.store_vector(self.e.load_vector(self.row(k, j)), self.place.at(sample, k))

    def _read_samples(self, sample: Any, k: Any, j: Any, rows: int) -> None:
        e, b = self.e, self.e.b
        found = [e.load_vector(self.place.at(b.add(sample, integer(q)), k)) for q in range(WIDTH)]
        for q, x in enumerate(turned(e, found)[:rows]):
            e.store_vector(x, self.row(b.add(k, integer(q)), j))

    def _write_samples(self, sample: Any, k: Any, j: Any, rows: int) -> None:
        e, b = self.e, self.e.b
        found = [e.load_vector(self.row(b.add(k, integer(q)), j)) for q in range(rows)]
        found += [found[0]] * (WIDTH - rows)
        for q, x in enumerate(turned(e, found)):  # the next sample comes over what is written too far
            e.store_vector(x, self.place.at(b.add(sample, integer(q)), k))


def turned(e: Emitter, xs: list[Any]) -> list[Any]:
    """Rows for columns: as many vectors as each has numbers, by butterflies of shuffles."""
    span = 1
    while span < WIDTH:
        made: list[Any] = [None] * WIDTH
        low = [q if not q & span else WIDTH + q - span for q in range(WIDTH)]
        high = [q + span if not q & span else WIDTH + q for q in range(WIDTH)]
        for i in range(WIDTH):
            if not i & span:
                made[i] = e.shuffled(xs[i], xs[i + span], low)
                made[i + span] = e.shuffled(xs[i], xs[i + span], high)
        xs = made
        span *= 2
    return xs


def rounded_up(b: Any, x: Any, size: int) -> Any:
    """The next multiple of a power of 2."""
    return b.and_(b.add(x, integer(size - 1)), ir.Constant(I64, -size))
