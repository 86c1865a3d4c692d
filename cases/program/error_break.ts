if (true) { break; }
