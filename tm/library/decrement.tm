# Takes one from a binary number; rejects zero, which has nothing to borrow from.
# example: 1100 -> 1011 accept
# example: 1 -> 0 accept
# example: 1000 -> 0111 accept in 9 steps
# example: 00 -> reject
machine: decrement
accept: done
reject: nothing-to-borrow
right 0 -> right 0 R
right 1 -> right 1 R
right _ -> borrow _ L
borrow 0 -> borrow 1 L
borrow 1 -> done 0 S
borrow _ -> nothing-to-borrow _ S
