class A { accessor a = 1; }
