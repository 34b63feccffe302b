# Writes the number of 1s in binary. Each pass crosses off every other 1: whether one is left over is the next binary
# digit, written to the left of those before it. A blank cell stands between the digits and the 1s.
# example: 1 -> 1 accept
# example: 111111 -> 110 accept
# example: 11111111 -> 1000 accept
# example: -> 0 accept
machine: unary_to_binary
start: none
accept: done
none x -> none x R              # an even number so far, no 1 kept
none 1 -> first x R
none _ -> erase _ L             # no 1 left at all
first x -> first x R            # an odd number so far, no 1 kept
first 1 -> even 1 R
first _ -> one _ L
even x -> even x R
even 1 -> odd x R
even _ -> zero _ L
odd x -> odd x R
odd 1 -> even 1 R
odd _ -> one _ L
zero x -> zero x L              # carries the digit 0 to the gap, then to the left end
zero 1 -> zero 1 L
zero _ -> put-zero _ L
put-zero 0 -> put-zero 0 L
put-zero 1 -> put-zero 1 L
put-zero _ -> back 0 R
one x -> one x L
one 1 -> one 1 L
one _ -> put-one _ L
put-one 0 -> put-one 0 L
put-one 1 -> put-one 1 L
put-one _ -> back 1 R
back 0 -> back 0 R
back 1 -> back 1 R
back _ -> none _ R
erase x -> erase _ L
erase _ -> check _ L
check 1 -> done 1 S
check * -> done 0 S             # blank where there was no 1 at all: the number is 0
