namespace Shapes {
  export const sides = 4;
  export namespace Inner { export function area() { return sides; } }
  export type Only = string;
}
import area = Shapes.Inner.area;
return area() + Shapes.sides;
