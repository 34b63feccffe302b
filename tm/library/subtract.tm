# Subtracts binary numbers, a-b, digit by digit from the last; rejects where b is the greater one.
# A digit of the difference that is done is written O or I until the end.
# example: 1000-11 -> 0101 accept
# example: 11-11 -> 00 accept
# example: 110-0010 -> 100 accept
# example: 10-11 -> reject
machine: subtract
accept: done
reject: negative
right 0 -> right 0 R
right 1 -> right 1 R
right - -> right - R
right O -> right O R
right I -> right I R
right _ -> take _ L
take 0 -> zero _ L
take 1 -> one _ L
take - -> tidy _ L
zero 0 -> zero 0 L
zero 1 -> zero 1 L
zero - -> less-zero - L
one 0 -> one 0 L
one 1 -> one 1 L
one - -> less-one - L
less-zero O -> less-zero O L
less-zero I -> less-zero I L
less-zero 0 -> right O R
less-zero 1 -> right I R
less-zero _ -> right _ R
less-one O -> less-one O L
less-one I -> less-one I L
less-one 1 -> right O R
less-one 0 -> borrow I L
less-one _ -> negative _ S
borrow 0 -> borrow 1 L
borrow 1 -> right 0 R
borrow _ -> negative _ S
tidy O -> tidy 0 L
tidy I -> tidy 1 L
tidy 0 -> tidy 0 L
tidy 1 -> tidy 1 L
tidy _ -> done _ R
