"""Multiples of the base point of the curve of SM2 (GB/T 32918.5), from a table of them: what signing takes, and nothing else.

The table holds odd multiples, so that every number is made of as many additions as any other, none of them left out; coordinates
begin multiplied by a random number. What is reckoned so tells nothing of the number by how long it takes, as far as whole numbers of
Python allow.
"""

import secrets
from collections.abc import Sequence
from functools import cache

PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
A = PRIME - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
BASE = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_BITS = 5
_ROWS = -(-257 // _BITS)
_HALF = 1 << (_BITS - 1)

Affine = tuple[int, int]
#: x/z², y/z³.
_Jacobian = tuple[int, int, int]


def x_of_multiple(number: int) -> int | None:
    """Return the x coordinate of *number* times the base point; None where the way there met a point that it cannot add (2⁻²⁵⁵).

    *number* lies between 1 and the order less one.
    """
    odd = number if number & 1 else ORDER - number  # the opposite point has the same x
    scale = secrets.randbelow(PRIME - 1) + 1
    square = scale * scale % PRIME
    sign, place, odd = _digit(odd)
    x, y = _table()[0][place]
    point = (x * square % PRIME, sign * y * square * scale % PRIME, scale)
    for row in _table()[1:-1]:
        sign, place, odd = _digit(odd)
        x, y = row[place]
        point = _sum(point, (x, sign * y))
    x, _, z = _sum(point, _table()[-1][odd >> 1])
    return x * pow(z * z, -1, PRIME) % PRIME if z else None


def _digit(odd: int) -> tuple[int, int, int]:
    """Return the last digit of an odd number as its sign and its place in a row of odd multiples, and the rest, which is odd again."""
    digit = (odd & ((_HALF << 2) - 1)) - (_HALF << 1)
    sign = 1 | (digit >> _BITS)
    return sign, sign * digit >> 1, (odd - digit) >> _BITS


@cache
def _table() -> tuple[tuple[Affine, ...], ...]:
    """Return, for every digit by its weight, the odd multiples 1, 3, 5 … of the base point; made once a process, in some 10 ms."""
    point: _Jacobian = (*BASE, 1)
    weights = []
    for _ in range(_ROWS):
        weights.append(point)
        for _ in range(_BITS):
            point = _double(point)
    found: list[_Jacobian] = []
    twice = _affine([_double(item) for item in weights])
    for (x, y), two in zip(_affine(weights), twice, strict=True):
        multiple: _Jacobian = (x, y, 1)
        found.append(multiple)
        for _ in range(_HALF - 1):
            multiple = _sum(multiple, two)
            found.append(multiple)
    flat = _affine(found)
    return tuple(tuple(flat[at : at + _HALF]) for at in range(0, len(flat), _HALF))


def _sum(one: _Jacobian, other: Affine) -> _Jacobian:
    """Return the sum of two points that are neither equal nor opposite; z is 0 where they are."""
    x, y, z = one
    square = z * z % PRIME
    run = other[0] * square % PRIME - x
    rise = other[1] * square * z % PRIME - y
    run_2 = run * run % PRIME
    run_3 = run * run_2 % PRIME
    middle = x * run_2 % PRIME
    at = (rise * rise - run_3 - 2 * middle) % PRIME
    return at, (rise * (middle - at) - y * run_3) % PRIME, z * run % PRIME


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    square = z * z % PRIME
    slope = 3 * (x - square) * (x + square) % PRIME
    height = y * y % PRIME
    middle = 4 * x * height % PRIME
    at = (slope * slope - 2 * middle) % PRIME
    return at, (slope * (middle - at) - 8 * height * height) % PRIME, 2 * y * z % PRIME


def _affine(points: Sequence[_Jacobian]) -> list[Affine]:
    """Return points with z = 1, by one division for all."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % PRIME)
    inverse, found = pow(products.pop(), -1, PRIME), []
    for (x, y, z), before in zip(reversed(points), reversed(products), strict=True):
        own = inverse * before % PRIME
        inverse = inverse * z % PRIME
        found.append((x * own * own % PRIME, y * own * own * own % PRIME))
    return found[::-1]
