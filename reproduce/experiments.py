"""All experiments of the chapter, as data: importing them needs nothing but NumPy and the specification."""

from reproduce import constant, cosine, factor, multi_factor, polynomial, square_root, warmup

#: In the chapter's order.
EXPERIMENTS = tuple(module.EXPERIMENT for module in (
    constant, square_root, factor, multi_factor, polynomial, cosine, warmup))
