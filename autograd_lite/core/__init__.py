"""The engine, in the order in which to read it.

- ``primitive``: a row of the table and what it gives when it is called; ``registration``: how rows
  get there; ``table`` and ``gathered``: the rows.
- ``order``: circuits from operands to results, and the sweep; ``operators`` and ``node``: what a node
  holds and how it is read; ``value``: how operations make nodes.
- ``adjoints``: both directions over a circuit, with numbers or with circuits; ``transforms``: ``grad``
  and its kin.

It stands on ``support`` (blocks, reports, structures) and ``special`` (functions that ``math`` lacks).
The words, each for one thing:

- *row*: an operation of the table. *operand*: what an operation is applied to. *node*: a Value.
- *circuit*: a node and everything that it is made from. *root*: the node that a sweep starts from.
- *leaf*: a node without operands, such as an input or a *parameter*, which is trained. *label*: the
  name, scope and role of a node. *variable*: a leaf that a transform makes for its argument.
- *local derivative* (*slope* of a row of one operand): of a node by one of its operands, recorded when
  the node is made. An operand is *live* where a gradient flows to it.
- *upstream gradient*: of the root by a node, its ``grad``. *contribution*: local × upstream.
- *sweep*: the reverse pass, which adds contributions. *adjoint*: an upstream gradient in the making.
- *seed*: what a root's gradient starts from. *tangent*: a rate that is pushed forward; *cotangent*: a
  seed per output that is pulled back.
- *constant*: a number in a circuit that no gradient flows to. *unselected branch*: the operand of a
  piecewise row that the result does not depend on.
- *wire*: from a node to one of its operands. *kink*: a point without a derivative. *scope*: the named
  part of a network that a node belongs to.
"""
