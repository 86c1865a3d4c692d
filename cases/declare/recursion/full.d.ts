declare namespace recursion {
 function f(input?: {
  node?: Node;
  json?: Json;
  self?: unknown;
  ping?: unknown;
  either?: string;
  both?: {a?: string};
  left?: unknown | string;
  right?: unknown;
  lists?: Lists;
  map?: Map_;
  pair?: Pair;
  base?: {id: string; owner?: Derived};
  derived?: Derived;
  maybe?: Node | null;
  small?: Small;
  little?: Little;
 }): Promise<unknown>;
 function whole(input?: {left?: Tree; right?: Tree}): Promise<unknown>;
 function gone(input?: {a?: unknown; b?: unknown; c?: unknown; d?: string}): Promise<unknown>;
 interface Node {value: string; children?: Node[]}
 type Json = string | number | boolean | Json[] | {[k: string]: Json} | null;
 type Lists = Lists[];
 interface Map_ {
  [k: string]: Map_;
 }
 type Pair = [string, Pair?];
 type Derived = {id: string; owner?: Derived} & {extra?: Derived};
 type Small = Little[] | string;
 type Little = Small[];
 interface Tree {left?: Tree; right?: Tree}
}
