declare namespace documents {
 function anchors(input?: {a?: number; b?: {n?: string; again?: string}; c?: string; d?: boolean; e?: number}): Promise<unknown>;
 function old(input?: {a?: number; b?: boolean}): Promise<unknown>;
 function copy1(input: {item: Item}): Promise<unknown>;
 function copy2(input: {item: Item}): Promise<unknown>;
 // 1 more
 type Item = unknown; // not shown
}
