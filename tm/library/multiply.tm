# Multiplies unary numbers, a x b: for each 1 of a, every 1 of b is marked and copied to the right end.
# example: 11x111 -> 111111 accept
# example: 1x1 -> 1 accept
# example: x111 -> "" accept
# example: 111x -> "" accept
machine: multiply
accept: done
setup 1 -> setup 1 R
setup x -> setup x R
setup _ -> left = L
left 1 -> left 1 L
left x -> left x L
left _ -> each _ R
each 1 -> seek _ R              # one 1 of a is used up
each x -> clear _ R             # none is left
seek 1 -> seek 1 R
seek x -> copy x R
copy 1 -> append y R
copy = -> restore = L
append 1 -> append 1 R
append = -> append = R
append _ -> return 1 L
return 1 -> return 1 L
return = -> return = L
return y -> copy y R
restore y -> restore 1 L
restore x -> left x L
clear 1 -> clear _ R
clear = -> done _ R
