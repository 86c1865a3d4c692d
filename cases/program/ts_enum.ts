enum Color { Red, Green = "green", Blue = 1 << 3 }
const enum Size { Small = 1, Large = Small * 2 }
declare enum Hidden { A }
return [Color.Red, Color[0], Size.Large];
