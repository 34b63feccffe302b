# Doubles a unary number: for each 1 one more is written at the right end.
# example: 111 -> 111111 accept
# example: 1 -> 11 accept
# example: -> "" accept
machine: double
accept: done
start: next
next 1 -> append x R
next y -> tidy y R
next _ -> done _ S
append 1 -> append 1 R
append y -> append y R
append _ -> back y L
back 1 -> back 1 L
back y -> back y L
back x -> next x R
tidy y -> tidy y R
tidy _ -> ones _ L
ones y -> ones 1 L
ones x -> ones 1 L
ones _ -> done _ R
