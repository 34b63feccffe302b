# Accepts binary words that read the same from both ends: erases equal symbols from both ends until none is left.
# example: 0110 -> "" accept
# example: 101 -> "" accept
# example: -> "" accept in 1 step
# example: 10 -> reject
# example: 0100 -> reject
machine: palindrome
accept: yes
reject: no
start: first
first 0 -> zero _ R
first 1 -> one _ R
first _ -> yes _ S
zero 0 -> zero 0 R
zero 1 -> zero 1 R
zero _ -> last-zero _ L
one 0 -> one 0 R
one 1 -> one 1 R
one _ -> last-one _ L
last-zero 0 -> back _ L
last-zero 1 -> no 1 S
last-zero _ -> yes _ S
last-one 1 -> back _ L
last-one 0 -> no 0 S
last-one _ -> yes _ S
back 0 -> back 0 L
back 1 -> back 1 L
back _ -> first _ R
