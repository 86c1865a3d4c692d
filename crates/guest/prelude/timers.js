// setTimeout and friends, over the host's timer request; fetch, which there is none of; crypto.
(function (native) {
  "use strict";
  const { uncurry, apply, define, timer, cancelTimer, random, kind } = native;
  const then = uncurry(Promise.prototype.then);
  const { keys } = Object;
  const join = uncurry(Array.prototype.join);
  const slice = uncurry(String.prototype.slice);
  const toHex = uncurry(Number.prototype.toString);
  const setBytes = uncurry(Object.getPrototypeOf(Uint8Array.prototype).set);
  const Bytes = Uint8Array;
  const Failure = TypeError;
  const QuotaExceeded = DOMException;

  const live = { __proto__: null }; // timer number → id of the host's request
  let count = 0;

  const arm = (number, callback, ms, args, repeating) => {
    const request = timer(ms);
    live[number] = request.id;
    then(request.promise, () => {
      if (!(number in live)) return;
      if (repeating) arm(number, callback, ms, args, true);
      else delete live[number];
      apply(callback, undefined, args);
    });
  };

  const start = (name, repeating) => (callback, ms, ...args) => {
    if (typeof callback !== "function")
      throw new Failure(name + " needs a function; code in a string is never run");
    arm(++count, callback, ms, args, repeating);
    return count;
  };

  const clear = (handle) => {
    // A number as text counts too. An object would be asked for its text more than once, and could change its mind.
    const number = typeof handle === "string" || typeof handle === "number" ? +handle : 0;
    if (!(number in live)) return;
    cancelTimer(live[number]);
    delete live[number];
  };

  define("setTimeout", start("setTimeout", false));
  define("setInterval", start("setInterval", true));
  define("clearTimeout", (number) => clear(number));
  define("clearInterval", (number) => clear(number));

  define("fetch", async (resource) => {
    const names = keys(tools);
    throw new Failure(
      "fetch is not available: a program has no network, only tools. " +
        (names.length ? "Call a tool of one of these connectors instead: " + join(names, ", ") : "No connector is configured"),
    );
  });

  const hex = (byte) => slice(toHex(byte + 256, 16), 1);
  define("crypto", {
    randomUUID: () => {
      const b = random(16);
      b[6] = (b[6] & 15) | 64;
      b[8] = (b[8] & 63) | 128;
      let text = "";
      for (let i = 0; i < 16; i++) text += (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") + hex(b[i]);
      return text;
    },
    getRandomValues: (array) => {
      if (kind(array) !== "typed") throw new Failure("crypto.getRandomValues fills a typed array of integers");
      if (array.byteLength > 65536)
        throw new QuotaExceeded("crypto.getRandomValues fills at most 65536 bytes at once", "QuotaExceededError");
      setBytes(new Bytes(array.buffer, array.byteOffset, array.byteLength), random(array.byteLength));
      return array;
    },
  });
});
