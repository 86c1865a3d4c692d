class A { #a = 1; }
new A().#a;
