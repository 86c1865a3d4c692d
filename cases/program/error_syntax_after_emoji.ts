const greeting = "😀😀ü"; const = 1;
