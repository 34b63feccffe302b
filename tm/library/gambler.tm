# A gambler who bets one coin at a time on a fair toss, from where the head stands until broke (<) or at the goal (>).
# example: <.....> at 3 seed 0 -> <.....> accept in 10 steps
# example: <> at 0 seed 0 -> <> reject in 1 step
# example: <> at 1 seed 0 -> <> accept in 1 step
machine: gambler
accept: goal
reject: broke
bet . -> bet . L x 1
bet . -> bet . R x 1
bet < -> broke < S
bet > -> goal > S
