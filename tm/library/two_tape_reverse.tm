# Writes the binary word of the first tape backwards on the second.
# example: 1100 -> 1100,0011 accept
# example: 1 -> 1,1 accept
# example: -> "","" accept
machine: two_tape_reverse
tapes: 2
accept: done
right 0,_ -> right 0,_ R,S
right 1,_ -> right 1,_ R,S
right _,_ -> write _,_ L,S
write 0,_ -> write 0,0 L,R
write 1,_ -> write 1,1 L,R
write _,_ -> done _,_ S,S
