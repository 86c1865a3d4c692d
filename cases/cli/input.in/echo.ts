return input === undefined ? "undefined" : input;
