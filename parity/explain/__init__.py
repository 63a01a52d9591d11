"""Reports where two sequences of rates begin to differ, by how much, and which known mistake makes one from the other.

`t` is the number of optimizer updates already made. The first update sees `t = 0`, and uses `lr(0)`.
"""
