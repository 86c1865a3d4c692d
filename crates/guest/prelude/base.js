// What every other prelude file builds on: built-ins captured before any program can replace them.
(function (native) {
  "use strict";
  const { apply, defineProperty, ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

  native.uncurry = (method) => (self, ...args) => apply(method, self, args);
  native.define = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  // Web classes show their name when printed, and nothing else of theirs is enumerable.
  native.tag = (Class, name) =>
    defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });

  native.apply = apply;
  native.ownKeys = ownKeys;
  native.descriptor = getOwnPropertyDescriptor;
  native.prototypeOf = getPrototypeOf;
  native.defineProperty = defineProperty;
});
