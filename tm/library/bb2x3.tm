# The busy beaver of 2 states and 3 symbols: from a blank tape no such machine that halts runs longer (38 steps).
# example: -> in 38 steps
machine: bb2x3
blank: 0
A 0 -> B 1 R
A 1 -> B 2 L
A 2 -> Z 1 R
B 0 -> A 2 L
B 1 -> B 2 R
B 2 -> B 1 L
