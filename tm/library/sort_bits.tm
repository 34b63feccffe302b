# Sorts the digits of a binary word: wherever a 0 follows a 1, the two change places.
# example: 10110 -> 00111 accept
# example: 000 -> 000 accept
# example: 1 -> 1 accept
# example: -> "" accept
machine: sort_bits
accept: done
scan 0 -> scan 0 R
scan 1 -> one 1 R
scan _ -> done _ S
one 1 -> one 1 R
one 0 -> swap 1 L
one _ -> done _ S
swap 1 -> back 0 L
back 1 -> one 1 R
back 0 -> scan 0 R
back _ -> scan _ R
