// URL and URLSearchParams. The host parses (WHATWG URL); this holds the parts.
(function (native) {
  "use strict";
  const { define, tag, uncurry, url, setUrl } = native;
  const Failure = TypeError;
  const encode = encodeURIComponent;
  const decode = decodeURIComponent;
  const wellFormed = uncurry(String.prototype.toWellFormed);
  const replace = uncurry(String.prototype.replaceAll);
  const split = uncurry(String.prototype.split);
  const slice = uncurry(String.prototype.slice);
  const indexOf = uncurry(String.prototype.indexOf);
  const escapes = uncurry(RegExp.prototype[Symbol.replace]);
  const sort = uncurry(Array.prototype.sort);
  const { utf8Decode } = native;
  const Bytes = Uint8Array;
  const number = parseInt;

  // application/x-www-form-urlencoded
  const encodePart = (text) =>
    replace(escapes(/[!'()~]/g, encode(wellFormed(text)), (c) => "%" + upper(c)), "%20", "+");
  const upper = (c) => ({ "!": "21", "'": "27", "(": "28", ")": "29", "~": "7E" })[c];
  const decodePart = (text) => {
    const spaced = replace(text, "+", " ");
    if (indexOf(spaced, "%") < 0) return spaced;
    try {
      return decode(spaced);
    } catch {
      // Not all of it is valid: keep stray percent signs, replace bytes that are not UTF-8.
      return escapes(/(?:%[0-9A-Fa-f]{2})+/g, spaced, (run) => {
        const bytes = new Bytes(run.length / 3);
        for (let i = 0; i < bytes.length; i++) bytes[i] = number(slice(run, i * 3 + 1, i * 3 + 3), 16);
        return utf8Decode(bytes, false);
      });
    }
  };

  class URLSearchParams {
    #pairs = [];
    #changed = undefined; // tells the URL that owns this one
    constructor(init = "", changed = undefined) {
      this.#changed = changed;
      if (typeof init === "object" && init !== null) {
        if (typeof init[Symbol.iterator] === "function") for (const [name, value] of init) this.#push(name, value);
        else for (const name of Object.keys(init)) this.#push(name, init[name]);
      } else {
        this.#parse(`${init}`);
      }
    }
    static replace(params, text) {
      params.#pairs = [];
      params.#parse(text);
    }
    #push(name, value) {
      this.#pairs[this.#pairs.length] = [wellFormed(`${name}`), wellFormed(`${value}`)];
    }
    #parse(text) {
      const parts = split(text[0] === "?" ? slice(text, 1) : text, "&");
      for (let i = 0; i < parts.length; i++) {
        if (!parts[i]) continue;
        const at = indexOf(parts[i], "=");
        if (at < 0) this.#push(decodePart(parts[i]), "");
        else this.#push(decodePart(slice(parts[i], 0, at)), decodePart(slice(parts[i], at + 1)));
      }
    }
    #keep(test) {
      const kept = [];
      for (let i = 0; i < this.#pairs.length; i++) if (test(this.#pairs[i], i)) kept[kept.length] = this.#pairs[i];
      this.#pairs = kept;
      this.#changed?.();
    }
    get size() {
      return this.#pairs.length;
    }
    append(name, value) {
      this.#push(name, value);
      this.#changed?.();
    }
    delete(name, value = undefined) {
      this.#keep((pair) => pair[0] !== `${name}` || (value !== undefined && pair[1] !== `${value}`));
    }
    get(name) {
      for (let i = 0; i < this.#pairs.length; i++) if (this.#pairs[i][0] === `${name}`) return this.#pairs[i][1];
      return null;
    }
    getAll(name) {
      const all = [];
      for (let i = 0; i < this.#pairs.length; i++)
        if (this.#pairs[i][0] === `${name}`) all[all.length] = this.#pairs[i][1];
      return all;
    }
    has(name, value = undefined) {
      for (let i = 0; i < this.#pairs.length; i++)
        if (this.#pairs[i][0] === `${name}` && (value === undefined || this.#pairs[i][1] === `${value}`)) return true;
      return false;
    }
    set(name, value) {
      let found = false;
      for (let i = 0; i < this.#pairs.length && !found; i++) {
        if (this.#pairs[i][0] !== `${name}`) continue;
        found = true;
        this.#pairs[i][1] = wellFormed(`${value}`);
        this.#keep((pair, at) => at <= i || pair[0] !== `${name}`);
      }
      if (!found) this.append(name, value);
    }
    sort() {
      sort(this.#pairs, (a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
      this.#changed?.();
    }
    forEach(callback, self = undefined) {
      for (let i = 0; i < this.#pairs.length; i++) callback.call(self, this.#pairs[i][1], this.#pairs[i][0], this);
    }
    *entries() {
      for (let i = 0; i < this.#pairs.length; i++) yield [this.#pairs[i][0], this.#pairs[i][1]];
    }
    *keys() {
      for (let i = 0; i < this.#pairs.length; i++) yield this.#pairs[i][0];
    }
    *values() {
      for (let i = 0; i < this.#pairs.length; i++) yield this.#pairs[i][1];
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      let text = "";
      for (let i = 0; i < this.#pairs.length; i++)
        text += (i ? "&" : "") + encodePart(this.#pairs[i][0]) + "=" + encodePart(this.#pairs[i][1]);
      return text;
    }
  }

  const replaceParams = URLSearchParams.replace;
  delete URLSearchParams.replace;

  const parts = ["protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

  class URL {
    #parts;
    #params = undefined;
    constructor(text, base = undefined) {
      this.#parts = url(`${text}`, base === undefined ? undefined : `${base}`);
      if (!this.#parts) throw new Failure(`Invalid URL: ${slice(`${text}`, 0, 200)}`);
    }
    static canParse(text, base = undefined) {
      return url(`${text}`, base === undefined ? undefined : `${base}`) !== undefined;
    }
    static parse(text, base = undefined) {
      return URL.canParse(text, base) ? new URL(text, base) : null;
    }
    get href() {
      return this.#parts.href;
    }
    set href(value) {
      const parsed = url(`${value}`, undefined);
      if (!parsed) throw new Failure(`Invalid URL: ${slice(`${value}`, 0, 200)}`);
      this.#update(parsed);
    }
    get origin() {
      return this.#parts.origin;
    }
    get searchParams() {
      return (this.#params ??= new URLSearchParams(this.#parts.search, () => {
        this.#parts = setUrl(this.#parts.href, "search", this.#params.toString()) ?? this.#parts;
      }));
    }
    #update(parsed) {
      this.#parts = parsed;
      if (this.#params) replaceParams(this.#params, parsed.search);
    }
    toString() {
      return this.#parts.href;
    }
    toJSON() {
      return this.#parts.href;
    }
    static part(self, name) {
      return self.#parts[name];
    }
    static setPart(self, name, value) {
      const parsed = setUrl(self.#parts.href, name, `${value}`);
      if (parsed) self.#update(parsed);
    }
  }

  const { part, setPart } = URL;
  delete URL.part;
  delete URL.setPart;
  for (const name of parts) {
    native.defineProperty(URL.prototype, name, {
      get() {
        return part(this, name);
      },
      set(value) {
        setPart(this, name, value);
      },
      enumerable: true,
      configurable: true,
    });
  }

  tag(URL, "URL");
  tag(URLSearchParams, "URLSearchParams");
  define("URL", URL);
  define("URLSearchParams", URLSearchParams);
});
