# Turns every 0 into a 1 and every 1 into a 0.
# example: 1011 -> 0100 accept in 5 steps
# example: 1011 at 2 -> 1000 accept
# example: -> "" accept
machine: complement
accept: done
flip 0 -> flip 1 R
flip 1 -> flip 0 R
flip _ -> done _ S
