# Accepts binary palindromes in linear time: copies the word to the second tape, then reads the two in opposite
# directions. One tape alone needs quadratic time for it.
# example: 0110 -> accept in 15 steps
# example: 101 -> accept
# example: -> accept
# example: 0111 -> reject
machine: two_tape_palindrome
tapes: 2
accept: yes
reject: no
start: copy
copy 0,_ -> copy 0,0 R,R
copy 1,_ -> copy 1,1 R,R
copy _,_ -> left _,_ L,S
left 0,_ -> left 0,_ L,S
left 1,_ -> left 1,_ L,S
left _,_ -> compare _,_ R,L
compare 0,0 -> compare 0,0 R,L
compare 1,1 -> compare 1,1 R,L
compare 0,1 -> no 0,1 S,S
compare 1,0 -> no 1,0 S,S
compare _,_ -> yes _,_ S,S
