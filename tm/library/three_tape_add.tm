# Writes the sum of the binary numbers on the first two tapes on the third, which it fills from right to left.
# example: 101,11,"" -> 101,11,1000 accept
# example: 111,1,"" -> 111,1,1000 accept
# example: "","","" -> "","","" accept
machine: three_tape_add
tapes: 3
accept: done
right 0,0,_ -> right 0,0,_ R,R,S
right 0,1,_ -> right 0,1,_ R,R,S
right 1,0,_ -> right 1,0,_ R,R,S
right 1,1,_ -> right 1,1,_ R,R,S
right 0,_,_ -> right 0,_,_ R,S,S
right 1,_,_ -> right 1,_,_ R,S,S
right _,0,_ -> right _,0,_ S,R,S
right _,1,_ -> right _,1,_ S,R,S
right _,_,_ -> add _,_,_ L,L,L
add 0,0,_ -> add 0,0,0 L,L,L
add 0,1,_ -> add 0,1,1 L,L,L
add 1,0,_ -> add 1,0,1 L,L,L
add 1,1,_ -> carry 1,1,0 L,L,L
add 0,_,_ -> add 0,_,0 L,S,L
add 1,_,_ -> add 1,_,1 L,S,L
add _,0,_ -> add _,0,0 S,L,L
add _,1,_ -> add _,1,1 S,L,L
add _,_,_ -> done _,_,_ S,S,S
carry 0,0,_ -> add 0,0,1 L,L,L
carry 0,1,_ -> carry 0,1,0 L,L,L
carry 1,0,_ -> carry 1,0,0 L,L,L
carry 1,1,_ -> carry 1,1,1 L,L,L
carry 0,_,_ -> add 0,_,1 L,S,L
carry 1,_,_ -> carry 1,_,0 L,S,L
carry _,0,_ -> add _,0,1 S,L,L
carry _,1,_ -> carry _,1,0 S,L,L
carry _,_,_ -> done _,_,1 S,S,S
