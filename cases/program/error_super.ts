super.a;
