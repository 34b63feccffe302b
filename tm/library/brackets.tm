# Accepts words of brackets in which each has its partner: crosses out the first ) and the last ( before it, again
# and again.
# example: (()()) -> xxxxxx accept
# example: () -> xx accept in 8 steps
# example: -> "" accept
# example: (() -> reject
# example: )( -> reject
machine: brackets
accept: balanced
reject: unbalanced
find ( -> find ( R
find x -> find x R
find ) -> match x L
find _ -> check _ L
match x -> match x L
match ( -> find x R
match _ -> unbalanced _ S
check x -> check x L
check ( -> unbalanced ( S
check _ -> balanced _ S
