console.log("one");
console.warn("two");
console.log("three");
