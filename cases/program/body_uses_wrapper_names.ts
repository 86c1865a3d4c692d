const $input = 1, $input1 = 2;
const $default = 3;
return $input + $input1 + $default;
