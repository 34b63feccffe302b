# The busy beaver of 2 states and 4 symbols: from a blank tape no such machine that halts runs longer (3,932,964
# steps, 2050 cells not 0).
# example: -> in 3932964 steps
machine: bb2x4
blank: 0
A 0 -> B 1 R
A 1 -> A 2 L
A 2 -> A 1 R
A 3 -> A 1 R
B 0 -> B 1 L
B 1 -> A 1 L
B 2 -> B 3 R
B 3 -> Z 1 R
