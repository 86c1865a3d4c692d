// AbortController and AbortSignal, for code that passes signals around. A tool call itself takes no signal.
(function (native) {
  "use strict";
  const { define, tag, uncurry } = native;
  const Failure = DOMException;
  const schedule = setTimeout;
  const call = uncurry(Function.prototype.call);

  let make; // the constructor is not the program's to call
  let abort;

  class AbortSignal {
    #aborted = false;
    #reason = undefined;
    #listeners = [];
    onabort = null;
    constructor(key) {
      if (key !== make) throw new TypeError("AbortSignal is made by AbortController, AbortSignal.abort or .timeout");
    }
    static {
      abort = (signal, reason) => {
        if (signal.#aborted) return;
        signal.#aborted = true;
        signal.#reason = reason === undefined ? new Failure("The operation was aborted", "AbortError") : reason;
        const event = { type: "abort", target: signal };
        const listeners = signal.#listeners;
        signal.#listeners = [];
        if (typeof signal.onabort === "function") call(signal.onabort, signal, event);
        for (let i = 0; i < listeners.length; i++) call(listeners[i], signal, event);
      };
    }
    get aborted() {
      return this.#aborted;
    }
    get reason() {
      return this.#reason;
    }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    addEventListener(type, listener) {
      if (type === "abort" && typeof listener === "function") this.#listeners[this.#listeners.length] = listener;
    }
    removeEventListener(type, listener) {
      const kept = [];
      for (let i = 0; i < this.#listeners.length; i++)
        if (type !== "abort" || this.#listeners[i] !== listener) kept[kept.length] = this.#listeners[i];
      this.#listeners = kept;
    }
    static abort(reason) {
      const signal = new AbortSignal(make);
      abort(signal, reason);
      return signal;
    }
    static timeout(ms) {
      const signal = new AbortSignal(make);
      schedule(() => abort(signal, new Failure("The operation timed out", "TimeoutError")), ms);
      return signal;
    }
    static any(signals) {
      const signal = new AbortSignal(make);
      for (const other of signals) {
        if (other.aborted) abort(signal, other.reason);
        else other.addEventListener("abort", () => abort(signal, other.reason));
      }
      return signal;
    }
  }
  make = {};

  class AbortController {
    #signal = new AbortSignal(make);
    get signal() {
      return this.#signal;
    }
    abort(reason) {
      abort(this.#signal, reason);
    }
  }

  tag(AbortSignal, "AbortSignal");
  tag(AbortController, "AbortController");
  define("AbortSignal", AbortSignal);
  define("AbortController", AbortController);
});
