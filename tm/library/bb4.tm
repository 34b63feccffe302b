# The busy beaver of 4 states and 2 symbols: from a blank tape no such machine that halts runs longer (107 steps).
# example: -> 10111111111111 in 107 steps
machine: bb4
blank: 0
A 0 -> B 1 R
A 1 -> B 1 L
B 0 -> A 1 L
B 1 -> C 0 L
C 0 -> Z 1 R
C 1 -> D 1 L
D 0 -> D 1 R
D 1 -> A 0 R
