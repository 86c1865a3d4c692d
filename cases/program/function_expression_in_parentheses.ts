(function (input) { return input; })
