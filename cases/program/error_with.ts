with (Math) { return PI; }
