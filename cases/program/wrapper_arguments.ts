return [arguments.length, this];
