"""The HIERARCHY of a BVH file: its nodes, read word by word.

The parser of pybvh is not used, because it cuts joint names at the first space (`Bip01 L Thigh`) and refuses position
channels of joints other than the root.
"""

from collections.abc import Sequence
from dataclasses import dataclass

CHANNELS = {f"{axis}{kind}" for axis in "xyz" for kind in ("position", "rotation")}
LARGEST = 1e7
"""Numbers of a skeleton or its motion are smaller than this."""
LONGEST_NAME = 20
"""Most words of a joint's name."""


@dataclass(eq=False)
class Node:
    """A joint, or an end site, which has no name; a root has the parent -1."""

    name: str
    parent: int
    offset: tuple[float, ...] = ()
    channels: tuple[str, ...] = ()


def tree(text: str) -> list[Node]:
    """The nodes in the order of the file, so that parents come first.

    Args:
        text: the file before MOTION.

    Raises:
        ValueError: the text breaks a rule of the format; its message continues a sentence.
    """
    words = text.replace("{", " { ").replace("}", " } ").split()
    if words[:1] != ["HIERARCHY"]:
        raise ValueError("it does not begin with that word")
    nodes: list[Node] = []
    open_nodes: list[int] = []
    place = 1
    while place < len(words):
        word = words[place].upper()
        if word == "}":
            if not open_nodes:
                raise ValueError("a brace is closed that was not opened")
            open_nodes.pop()
            place += 1
        elif word in ("ROOT", "JOINT", "END"):
            place = _open(words, place, nodes, open_nodes)
        elif word in ("OFFSET", "CHANNELS") and open_nodes:
            place = _fill(words, place, nodes[open_nodes[-1]])
        else:
            raise ValueError(f"{words[place][:40]!r} is not expected where it stands")
    _refuse_incomplete(nodes, open_nodes)
    return nodes


def _open(words: Sequence[str], place: int, nodes: list[Node], open_nodes: list[int]) -> int:
    """Begin the node whose first word is at `place`, and return the place after its brace."""
    brace = next((at for at in range(place, min(place + LONGEST_NAME, len(words))) if words[at] == "{"), None)
    if brace is None:
        raise ValueError(f"no brace follows {' '.join(words[place : place + 2])[:40]!r}")
    name = "" if words[place].upper() == "END" else " ".join(words[place + 1 : brace])
    if bool(nodes) != bool(open_nodes):
        raise ValueError(f"{name[:40]!r} stands outside the root; one file holds one skeleton")
    if open_nodes and not nodes[open_nodes[-1]].name:
        raise ValueError(f"an End Site holds {name[:40]!r}")
    if not name and (not nodes or words[place].upper() != "END"):
        raise ValueError("a joint has no name")
    nodes.append(Node(name, open_nodes[-1] if open_nodes else -1))
    open_nodes.append(len(nodes) - 1)
    return brace + 1


def _fill(words: Sequence[str], place: int, node: Node) -> int:
    """Read the OFFSET or CHANNELS of a node at `place`, and return the place after it."""
    shown = repr(node.name[:40]) if node.name else "an End Site"
    if words[place].upper() == "OFFSET":
        node.offset = tuple(_number(word) for word in words[place + 1 : place + 4])
        if len(node.offset) != 3 or not all(abs(number) < LARGEST for number in node.offset):
            raise ValueError(f"the OFFSET of {shown} is not three numbers below {LARGEST:g}")
        return place + 4
    count = int(words[place + 1]) if words[place + 1 : place + 2] and words[place + 1].isdecimal() else -1
    node.channels = tuple(word.lower() for word in words[place + 2 : place + 2 + count])
    if not (0 <= count <= len(CHANNELS) and node.name):
        raise ValueError(f"the CHANNELS of {shown} are not a number from 0 to {len(CHANNELS)} and as many names")
    if len(set(node.channels) & CHANNELS) != count:
        raise ValueError(f"the {count} CHANNELS of {shown} are not among positions and rotations, each once")
    return place + 2 + count


def _refuse_incomplete(nodes: Sequence[Node], open_nodes: Sequence[int]) -> None:
    if not nodes:
        raise ValueError("it has no ROOT")
    if open_nodes:
        raise ValueError(f"{len(open_nodes)} braces are not closed")
    bare = next((node for node in nodes if not node.offset), None)
    if bare is not None:
        raise ValueError(f"{bare.name[:40] or 'an End Site'} has no OFFSET")


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ValueError(f"{word[:40]!r} is not a number") from None
