# Adds two binary numbers, a+b. The last digit of b is taken away and added to the last digit of a that is not done
# yet; a digit of the sum that is done is written O or I until the end.
# example: 101+11 -> 1000 accept
# example: 1+1 -> 10 accept
# example: 0+0 -> 0 accept
# example: 10+1111 -> 10001 accept
# example: 1+ -> 1 accept
machine: add
accept: done
right 0 -> right 0 R
right 1 -> right 1 R
right + -> right + R
right O -> right O R
right I -> right I R
right _ -> take _ L
take 0 -> zero _ L
take 1 -> one _ L
take + -> tidy _ L
zero 0 -> zero 0 L
zero 1 -> zero 1 L
zero + -> add-zero + L
one 0 -> one 0 L
one 1 -> one 1 L
one + -> add-one + L
add-zero O -> add-zero O L
add-zero I -> add-zero I L
add-zero 0 -> right O R
add-zero 1 -> right I R
add-zero _ -> right O R
add-one O -> add-one O L
add-one I -> add-one I L
add-one 0 -> right I R
add-one _ -> right I R
add-one 1 -> carry O L
carry 1 -> carry 0 L
carry 0 -> right 1 R
carry _ -> right 1 R
tidy O -> tidy 0 L
tidy I -> tidy 1 L
tidy 0 -> tidy 0 L
tidy 1 -> tidy 1 L
tidy _ -> done _ R
