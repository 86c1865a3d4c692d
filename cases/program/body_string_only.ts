"a program that is one string"
