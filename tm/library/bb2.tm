# The busy beaver of 2 states and 2 symbols: from a blank tape no such machine that halts runs longer (6 steps).
# example: -> 1111 in 6 steps
machine: bb2
blank: 0
A 0 -> B 1 R
A 1 -> B 1 L
B 0 -> A 1 L
B 1 -> Z 1 R
