# Accepts a...ab...bc...c with as many of each, which no context-free grammar can say: each pass crosses out one a (x),
# one b (y) and one c (z).
# example: aabbcc -> xxyyzz accept
# example: abc -> xyz accept in 8 steps
# example: -> "" accept
# example: aabbc -> reject
# example: abcc -> reject
# example: abcabc -> reject
machine: anbncn
accept: yes
start: each
each a -> find-b x R
each y -> check y R
each _ -> yes _ S
find-b a -> find-b a R
find-b y -> find-b y R
find-b b -> find-c y R
find-c b -> find-c b R
find-c z -> find-c z R
find-c c -> back z L
back a -> back a L
back b -> back b L
back y -> back y L
back z -> back z L
back x -> each x R
check y -> check y R
check z -> check z R
check _ -> yes _ S
