What counts as the result.
//// the returned value
return { a: 1 };
//// nothing
github.echo(1);
//// null
return null;
//// __return before return
__return({ a: 1 });
return 2;
//// __return without return
__return("kept");
//// the last __return wins
__return(1);
__return(2);
__return(3);
//// __return takes the value as it is then
const value = { n: 1 };
__return(value);
value.n = 2;
//// __return of undefined is null
__return(undefined);
return 2;
//// __return without an argument is null
__return();
return 2;
//// __return of a function
__return(() => 1);
//// a failed __return leaves the earlier one
__return(1);
try { __return(2n); } catch {}
//// __return from a callback that runs before the end
await Promise.resolve().then(() => __return("from then"));
return 2;
//// what a timer returns after the end does not count
setTimeout(() => __return("late"), 1);
return "in time";
//// __return itself returns undefined
return [__return, typeof __return(5)].length;
//// a returned promise is awaited
return new Promise((resolve) => setTimeout(resolve, 5, "waited"));
//// a thenable is awaited
return { then(resolve) { resolve("from then"); } };
//// a rejected promise is an error
return Promise.reject(new Error("no"));
//// a promise nobody can settle
await new Promise(() => {});
//// a thenable that never answers
await { then() {} };
//// waiting for a call that is not coming back is no deadlock while a timer runs
const slow = new Promise((resolve) => setTimeout(resolve, 50, "timer"));
return Promise.race([new Promise(() => {}), slow]);
//// a cleared timer leaves a deadlock
await new Promise((resolve) => clearTimeout(setTimeout(resolve, 5)));
//// printed before a deadlock
console.log("so far");
await new Promise(() => {});
//// an interval that is never cleared does not hold up the end
setInterval(() => {}, 1);
return "done";
