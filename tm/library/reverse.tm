# Reverses a binary word: takes its symbols one by one, from the first on, and puts each at the left end.
# example: 110 -> 011 accept
# example: 1000 -> 0001 accept
# example: -> "" accept
machine: reverse
accept: done
start: next
next x -> next x R
next 0 -> zero x L
next 1 -> one x L
next _ -> tidy _ L
zero 0 -> zero 0 L
zero 1 -> zero 1 L
zero x -> zero x L
zero _ -> back 0 R
one 0 -> one 0 L
one 1 -> one 1 L
one x -> one x L
one _ -> back 1 R
back 0 -> back 0 R
back 1 -> back 1 R
back x -> next x R
tidy x -> tidy _ L
tidy 0 -> done 0 S
tidy 1 -> done 1 S
tidy _ -> done _ S
