# Adds the binary number on the second tape to that on the first, from the last digits on.
# example: 101,11 -> 1000,11 accept
# example: 1,1111 -> 10000,1111 accept
# example: 0,0 -> 0,0 accept
# example: 11,"" -> 11,"" accept
machine: two_tape_add
tapes: 2
accept: done
right 0,0 -> right 0,0 R,R
right 0,1 -> right 0,1 R,R
right 1,0 -> right 1,0 R,R
right 1,1 -> right 1,1 R,R
right 0,_ -> right 0,_ R,S
right 1,_ -> right 1,_ R,S
right _,0 -> right _,0 S,R
right _,1 -> right _,1 S,R
right _,_ -> add _,_ L,L
add 0,0 -> add 0,0 L,L
add 0,1 -> add 1,1 L,L
add 1,0 -> add 1,0 L,L
add 1,1 -> carry 0,1 L,L
add 0,_ -> add 0,_ L,L
add 1,_ -> add 1,_ L,L
add _,0 -> add 0,0 L,L
add _,1 -> add 1,1 L,L
add _,_ -> done _,_ S,S
carry 0,0 -> add 1,0 L,L
carry 0,1 -> carry 0,1 L,L
carry 1,0 -> carry 0,0 L,L
carry 1,1 -> carry 1,1 L,L
carry 0,_ -> add 1,_ L,L
carry 1,_ -> carry 0,_ L,L
carry _,0 -> add 1,0 L,L
carry _,1 -> carry 0,1 L,L
carry _,_ -> done 1,_ S,S
