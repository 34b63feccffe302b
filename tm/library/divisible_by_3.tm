# Accepts binary numbers divisible by three; the state is the remainder of the digits read so far.
# example: 110 -> 110 accept in 4 steps
# example: 1001 -> accept
# example: -> accept
# example: 111 -> reject
# example: 1000 -> reject
machine: divisible_by_3
accept: yes
reject: no
start: r0
r0 0 -> r0 0 R
r0 1 -> r1 1 R
r1 0 -> r2 0 R
r1 1 -> r0 1 R
r2 0 -> r1 0 R
r2 1 -> r2 1 R
r0 _ -> yes _ S
r1 _ -> no _ S
r2 _ -> no _ S
