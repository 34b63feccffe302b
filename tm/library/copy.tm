# Copies a binary word: w becomes w:w.
# example: 101 -> 101:101 accept
# example: 0 -> 0:0 accept
# example: -> : accept
machine: copy
accept: done
start: right
right 0 -> right 0 R
right 1 -> right 1 R
right _ -> left : L
left 0 -> left 0 L
left 1 -> left 1 L
left _ -> next _ R
next 0 -> zero O R              # O and I: copied already
next 1 -> one I R
next : -> restore : L
zero 0 -> zero 0 R
zero 1 -> zero 1 R
zero : -> zero : R
zero _ -> back 0 L
one 0 -> one 0 R
one 1 -> one 1 R
one : -> one : R
one _ -> back 1 L
back 0 -> back 0 L
back 1 -> back 1 L
back : -> back : L
back O -> next O R
back I -> next I R
restore O -> restore 0 L
restore I -> restore 1 L
restore _ -> done _ R
