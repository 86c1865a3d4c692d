Timers. The clock moves only between host calls.
//// in the order they are due
const order = [];
setTimeout(() => order.push("c"), 30);
setTimeout(() => order.push("a"), 10);
setTimeout(() => order.push("b"), 10);
setTimeout(() => order.push("0"), 0);
await new Promise((resolve) => setTimeout(resolve, 40));
return order;
//// arguments
return new Promise((resolve) => setTimeout((...args) => resolve(args), 1, 1, "two", { three: 3 }));
//// durations as on the web
for (const ms of [undefined, null, NaN, -5, "7", 1.9, 2147483647, 2147483648, Infinity, {}, true]) clearTimeout(setTimeout(() => {}, ms));
for (const ms of [undefined, NaN, -5, "7", 1.9, true]) setTimeout(() => {}, ms);
return "set";
//// a timer set and cleared within a step never leaves
clearTimeout(setTimeout(() => console.log("no"), 5));
await new Promise((resolve) => setTimeout(resolve, 10));
//// a timer cleared in a later step
const id = setTimeout(() => console.log("no"), 20);
await github.echo(1);
clearTimeout(id);
await new Promise((resolve) => setTimeout(resolve, 30));
return typeof id;
//// a timer that clears another one due at the same time
const order = [];
setTimeout(() => { order.push("first"); clearTimeout(second); }, 5);
const second = setTimeout(() => order.push("second"), 5);
setTimeout(() => order.push("third"), 5);
await new Promise((resolve) => setTimeout(resolve, 10));
return order;
//// clearing while the callback waits to run
const order = [];
const a = setTimeout(() => order.push("a"), 5);
Promise.resolve().then(() => {});
setTimeout(() => { clearTimeout(a); order.push("b"); }, 5);
await new Promise((resolve) => setTimeout(resolve, 10));
return order;
//// clearing twice, and what was never set
const id = setTimeout(() => {}, 5);
clearTimeout(id);
clearTimeout(id);
for (const other of [undefined, null, 0, -1, 999, "x", {}, Symbol("s"), "1", NaN]) clearTimeout(other);
return "fine";
//// clearing by the number as text
clearTimeout(String(setTimeout(() => console.log("no"), 5)));
await new Promise((resolve) => setTimeout(resolve, 10));
return "fine";
//// setInterval until it is cleared from within
let n = 0;
await new Promise((resolve) => {
  const id = setInterval((by) => { n += by; if (n === 6) { clearInterval(id); resolve(); } }, 10, 2);
});
await new Promise((resolve) => setTimeout(resolve, 50));
return [n, Date.now() - 1700000000000];
//// clearTimeout clears an interval
let n = 0;
const id = setInterval(() => n++, 10);
await new Promise((resolve) => setTimeout(resolve, 35));
clearTimeout(id);
await new Promise((resolve) => setTimeout(resolve, 35));
return n;
//// an interval whose callback throws goes on
let n = 0;
const id = setInterval(() => { if (++n === 3) clearInterval(id); throw new Error("tick " + n); }, 10);
await new Promise((resolve) => setTimeout(resolve, 50));
return n;
//// the clock stands still while a program computes
const t = Date.now();
for (let i = 0; i < 1e5; i++) if (Date.now() !== t) return "it moved";
await new Promise((resolve) => setTimeout(resolve, 25));
return Date.now() - t;
//// console.time
console.time("a");
await new Promise((resolve) => setTimeout(resolve, 25));
console.timeLog("a");
console.timeEnd("a");
console.timeEnd("never started");
//// timers inside timers
const order = [];
setTimeout(() => { order.push(1); setTimeout(() => order.push(3), 0); }, 0);
setTimeout(() => order.push(2), 0);
await new Promise((resolve) => setTimeout(resolve, 10));
return order;
//// what is no function
const out = [];
for (const callback of [undefined, null, 5, "code", {}, []]) try { setTimeout(callback, 1); } catch (error) { out.push(error.name); }
try { setInterval("code", 1); } catch (error) { out.push(error.message); }
return out;
//// a promise job runs before the next timer
const order = [];
setTimeout(() => { order.push("timer 1"); Promise.resolve().then(() => order.push("job")); }, 1);
setTimeout(() => order.push("timer 2"), 1);
await new Promise((resolve) => setTimeout(resolve, 5));
return order;
