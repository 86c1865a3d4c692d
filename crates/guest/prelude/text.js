// TextEncoder, TextDecoder (UTF-8 only) and structuredClone.
(function (native) {
  "use strict";
  const { define, tag, uncurry, utf8Encode, utf8Decode, kind, ownKeys, descriptor, defineProperty } = native;
  const Bytes = Uint8Array;
  const Failure = TypeError;
  const BadRange = RangeError;
  const charCode = uncurry(String.prototype.charCodeAt);
  const slice = uncurry(String.prototype.slice);
  const lower = uncurry(String.prototype.toLowerCase);
  const trim = uncurry(String.prototype.trim);
  const subarray = uncurry(Object.getPrototypeOf(Bytes.prototype).subarray);
  const setBytes = uncurry(Object.getPrototypeOf(Bytes.prototype).set);

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return utf8Encode(`${text}`);
    }
    encodeInto(text, into) {
      const source = `${text}`;
      let read = 0;
      let written = 0;
      while (read < source.length) {
        const code = charCode(source, read);
        const units = code >= 0xd800 && code < 0xdc00 && read + 1 < source.length ? 2 : 1;
        const bytes = utf8Encode(slice(source, read, read + units));
        if (written + bytes.length > into.length) break;
        setBytes(into, bytes, written);
        read += units;
        written += bytes.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #fatal;
    #ignoreBOM;
    #rest = new Bytes(0); // bytes of an unfinished character, between streamed chunks
    constructor(label = "utf-8", options = undefined) {
      const name = lower(trim(`${label}`));
      if (name !== "utf-8" && name !== "utf8" && name !== "unicode-1-1-utf-8")
        throw new BadRange(`TextDecoder: only utf-8 is supported here, not "${label}"`);
      this.#fatal = !!options?.fatal;
      this.#ignoreBOM = !!options?.ignoreBOM;
    }
    get encoding() {
      return "utf-8";
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBOM;
    }
    decode(input = undefined, options = undefined) {
      let bytes = input === undefined ? new Bytes(0) : view(input);
      if (this.#rest.length) {
        const joined = new Bytes(this.#rest.length + bytes.length);
        setBytes(joined, this.#rest);
        setBytes(joined, bytes, this.#rest.length);
        bytes = joined;
      }
      const cut = options?.stream ? unfinished(bytes) : bytes.length;
      this.#rest = subarray(bytes, cut);
      const text = utf8Decode(subarray(bytes, 0, cut), this.#fatal);
      if (text === undefined) throw new Failure("TextDecoder: the bytes are not UTF-8");
      return !this.#ignoreBOM && charCode(text, 0) === 0xfeff ? slice(text, 1) : text;
    }
  }

  const view = (input) => {
    const what = kind(input);
    if (what === "buffer") return new Bytes(input);
    if (what === "typed" || what === "view") return new Bytes(input.buffer, input.byteOffset, input.byteLength);
    throw new Failure("TextDecoder.decode takes a typed array or an ArrayBuffer");
  };

  // Where the last, incomplete character of `bytes` begins.
  const unfinished = (bytes) => {
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const byte = bytes[bytes.length - back];
      if ((byte & 0xc0) === 0x80) continue;
      const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return need > back ? bytes.length - back : bytes.length;
    }
    return bytes.length;
  };

  const DataCloneError = DOMException;
  const box = Object;
  const MapOf = Map;
  const SetOf = Set;
  const DateOf = Date;
  const RegExpOf = RegExp;
  const mapGet = uncurry(Map.prototype.get);
  const mapSet = uncurry(Map.prototype.set);
  const mapHas = uncurry(Map.prototype.has);
  const setAdd = uncurry(Set.prototype.add);
  const mapEach = uncurry(Map.prototype.forEach);
  const setEach = uncurry(Set.prototype.forEach);
  const dateValue = uncurry(Date.prototype.valueOf);
  const sliceBuffer = uncurry(ArrayBuffer.prototype.slice);
  const sliceTyped = uncurry(Object.getPrototypeOf(Bytes.prototype).slice);
  const errors = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  const put = (object, key, value) =>
    defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });

  const clone = (value, seen) => {
    const what = kind(value);
    if (what === undefined) {
      if (typeof value === "symbol") throw new DataCloneError("a Symbol cannot be cloned", "DataCloneError");
      return value;
    }
    if (mapHas(seen, value)) return mapGet(seen, value);
    const keep = (copy) => {
      mapSet(seen, value, copy);
      return copy;
    };
    switch (what) {
      case "date":
        return keep(new DateOf(dateValue(value)));
      case "regexp":
        return keep(new RegExpOf(value.source, value.flags));
      case "buffer":
        return keep(sliceBuffer(value, 0));
      case "typed":
        return keep(sliceTyped(value));
      case "boxed":
        return keep(box(value.valueOf()));
      case "map": {
        const copy = keep(new MapOf());
        mapEach(value, (item, key) => mapSet(copy, clone(key, seen), clone(item, seen)));
        return copy;
      }
      case "set": {
        const copy = keep(new SetOf());
        setEach(value, (item) => setAdd(copy, clone(item, seen)));
        return copy;
      }
      case "error": {
        const copy = keep(new (errors[value.name] ?? errors.Error)(value.message));
        if ("cause" in value) copy.cause = clone(value.cause, seen);
        return copy;
      }
      case "array":
      case "object": {
        const copy = keep(what === "array" ? [] : {});
        if (what === "array") copy.length = value.length;
        const keys = ownKeys(value);
        for (let i = 0; i < keys.length; i++) {
          const property = typeof keys[i] === "string" ? descriptor(value, keys[i]) : undefined;
          if (property?.enumerable) put(copy, keys[i], clone(value[keys[i]], seen));
        }
        return copy;
      }
    }
    throw new DataCloneError(`a ${what} cannot be cloned`, "DataCloneError");
  };

  tag(TextEncoder, "TextEncoder");
  tag(TextDecoder, "TextDecoder");
  define("TextEncoder", TextEncoder);
  define("TextDecoder", TextDecoder);
  define("structuredClone", (value) => clone(value, new MapOf()));
});
