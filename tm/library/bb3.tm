# The busy beaver of 3 states and 2 symbols: from a blank tape no such machine that halts runs longer (21 steps).
# example: -> 11111 in 21 steps
machine: bb3
blank: 0
A 0 -> B 1 R
A 1 -> Z 1 R
B 0 -> B 1 L
B 1 -> C 0 R
C 0 -> C 1 L
C 1 -> A 1 L
