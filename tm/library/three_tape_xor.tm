# Writes the exclusive or of two binary words on the third tape; rejects words of unequal length.
# example: 1100,1010,"" -> 1100,1010,0110 accept in 5 steps
# example: "","","" -> "","","" accept
# example: 10,1,"" -> reject
machine: three_tape_xor
tapes: 3
accept: done
reject: unequal
xor 0,0,_ -> xor 0,0,0 R,R,R
xor 0,1,_ -> xor 0,1,1 R,R,R
xor 1,0,_ -> xor 1,0,1 R,R,R
xor 1,1,_ -> xor 1,1,0 R,R,R
xor _,_,_ -> done _,_,_ S,S,S
xor 0,_,_ -> unequal 0,_,_ S,S,S
xor 1,_,_ -> unequal 1,_,_ S,S,S
xor _,0,_ -> unequal _,0,_ S,S,S
xor _,1,_ -> unequal _,1,_ S,S,S
