# The busy beaver of 5 states and 2 symbols, found by Marxen and Buntrock in 1989: from a blank tape no such machine
# that halts runs longer (47,176,870 steps, 4098 ones), proved in 2024.
# example: -> in 47176870 steps
machine: bb5
blank: 0
A 0 -> B 1 R
A 1 -> C 1 L
B 0 -> C 1 R
B 1 -> B 1 R
C 0 -> D 1 R
C 1 -> E 0 L
D 0 -> A 1 L
D 1 -> D 1 L
E 0 -> Z 1 R
E 1 -> A 0 L
