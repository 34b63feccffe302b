# Replaces every ? by a 0 or a 1, a 1 three times as often.
# example: ???????? seed 0 -> 11001111 accept in 9 steps
# example: 0?0 seed 1 -> accept
# example: seed 2 -> "" accept
machine: coin_flips
accept: done
toss ? -> toss 0 R x 1
toss ? -> toss 1 R x 3
toss 0 -> toss 0 R
toss 1 -> toss 1 R
toss _ -> done _ S
