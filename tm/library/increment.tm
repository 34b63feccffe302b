# Adds one to a binary number: to the last digit, then carries to the left.
# example: 1011 -> 1100 accept in 8 steps
# example: 111 -> 1000 accept
# example: 0 -> 1 accept
# example: -> 1 accept in 2 steps
machine: increment
accept: done
right 0 -> right 0 R
right 1 -> right 1 R
right _ -> carry _ L
carry 1 -> carry 0 L
carry 0 -> done 1 S
carry _ -> done 1 S
