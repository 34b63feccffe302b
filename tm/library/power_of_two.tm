# Accepts 1, 11, 1111 and so on: halves the number of 1s until one is left, rejecting an odd number on the way.
# example: 1 -> accept
# example: 1111 -> accept
# example: 11111111 -> accept
# example: 111 -> reject
# example: 111111 -> reject
# example: -> reject
machine: power_of_two
accept: yes
reject: no
start: first
first 1 -> single ^ R           # marks the left end; it counts as a 1
first _ -> no _ S
single x -> single x R          # one 1 so far
single 1 -> even x R
single _ -> yes _ S
even x -> even x R
even 1 -> odd 1 R
even _ -> back _ L
odd x -> odd x R
odd 1 -> even x R
odd _ -> no _ S
back x -> back x L
back 1 -> back 1 L
back ^ -> single ^ R
