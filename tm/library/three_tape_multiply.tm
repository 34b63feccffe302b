# Multiplies the unary numbers on the first two tapes onto the third: for each 1 of the first, the second head runs
# once over its number, this way and back by turns, and the third writes a 1 at each step.
# example: 111,11,"" -> 111,11,111111 accept in 10 steps
# example: "",11,"" -> "",11,"" accept
# example: 11,"","" -> 11,"","" accept
machine: three_tape_multiply
tapes: 3
accept: done
forth 1,1,_ -> forth 1,1,1 S,R,R
forth 1,_,_ -> back 1,_,_ R,L,S
forth _,1,_ -> done _,1,_ S,S,S
forth _,_,_ -> done _,_,_ S,S,S
back 1,1,_ -> back 1,1,1 S,L,R
back 1,_,_ -> forth 1,_,_ R,R,S
back _,1,_ -> done _,1,_ S,S,S
back _,_,_ -> done _,_,_ S,S,S
