# Accepts where both tapes hold the same binary word.
# example: 1011,1011 -> accept in 5 steps
# example: "","" -> accept
# example: 10,101 -> reject
# example: 100,101 -> reject
machine: two_tape_equal
tapes: 2
accept: same
reject: different
compare 0,0 -> compare 0,0 R,R
compare 1,1 -> compare 1,1 R,R
compare _,_ -> same _,_ S,S
compare 0,1 -> different 0,1 S,S
compare 1,0 -> different 1,0 S,S
compare 0,_ -> different 0,_ S,S
compare 1,_ -> different 1,_ S,S
compare _,0 -> different _,0 S,S
compare _,1 -> different _,1 S,S
