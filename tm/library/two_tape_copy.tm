# Copies a binary word from the first tape to the second.
# example: 1011 -> 1011,1011 accept in 5 steps
# example: -> "","" accept
# example: 1011,"" at 1,-2 -> 1011,011 accept in 4 steps
machine: two_tape_copy
tapes: 2
accept: done
copy 0,_ -> copy 0,0 R,R
copy 1,_ -> copy 1,1 R,R
copy _,_ -> done _,_ S,S
